"""The scenarios, what must come of each, and what Locust says came of it."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

HEADER = """| scenario | what | asked | a second | p50 | p95 | p99 | failed | |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |"""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """`users` of the class `people`, for so many seconds. `p95` is the most in milliseconds that 95 % of each kind of
    request may take; nothing may fail. A storm has no bound: how long its queue is, is for the machine to say.
    """

    name: str
    people: str
    users: int
    seconds: int
    p95: Mapping[str, float]


SCENARIOS = (
    Scenario(name="sign-in storm", people="Storm", users=100, seconds=60, p95={}),
    Scenario(name="decisions", people="Decisions", users=16, seconds=60, p95={"decision": 50}),
    Scenario(name="refresh", people="Refreshing", users=50, seconds=60, p95={"refresh": 250}),
    Scenario(
        name="links", people="Linking", users=5, seconds=60, p95={"link": 500, "callback": 750}
    ),
    Scenario(
        name="a day",
        people="Day",
        users=40,
        seconds=120,
        p95={"decision": 50, "refresh": 250, "who am I": 250, "sign in": 1000},
    ),
)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Requests of one kind, times in milliseconds."""

    name: str
    asked: int
    failed: int
    rate: float
    p50: float
    p95: float
    p99: float

    def faults(self, scenario: Scenario) -> list[str]:
        """What is not as it must be."""
        found = [f"{self.failed} failed"] if self.failed else []
        most = scenario.p95.get(self.name)
        if most is not None and self.p95 > most:
            found.append(f"p95 over {most:g} ms")
        return found


def read(lines: Iterable[str]) -> list[Kind]:
    """From Locust's file of statistics, less its sum."""
    return [
        Kind(
            name=row["Name"],
            asked=int(row["Request Count"]),
            failed=int(row["Failure Count"]),
            rate=float(row["Requests/s"]),
            p50=float(row["50%"]),
            p95=float(row["95%"]),
            p99=float(row["99%"]),
        )
        for row in csv.DictReader(lines)
        if row["Name"] != "Aggregated" and int(row["Request Count"])
    ]


def judged(scenario: Scenario, kinds: Iterable[Kind]) -> tuple[list[str], bool]:
    """A row of the table for each kind, and whether all is as it must be. What was never asked for is a fault too."""
    told = {kind.name: kind for kind in kinds}
    rows, good = [], bool(told)
    for kind in told.values():
        faults = kind.faults(scenario)
        good = good and not faults
        times = f"{kind.p50:,.0f} ms | {kind.p95:,.0f} ms | {kind.p99:,.0f} ms"
        verdict = "; ".join(faults) or "good"
        rows.append(
            f"| {scenario.name} | {kind.name} | {kind.asked:,} | {kind.rate:,.1f} | {times} "
            f"| {kind.failed} | {verdict} |"
        )
    for name in scenario.p95.keys() - told.keys():
        good = False
        rows.append(f"| {scenario.name} | {name} | 0 | | | | | | never asked for |")
    return rows, good
