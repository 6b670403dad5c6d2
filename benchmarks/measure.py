"""How a thing is timed, and how two are compared."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

ROUNDS = 5
LONG = 0.2  # seconds of one call from which on it is timed once, after one to warm up

Unit = Literal["µs", "/s"]


@dataclass(frozen=True)
class Comparison:
    """Ours against the floor's or a peer's, in seconds of one call (`µs`) or calls a second (`/s`), and the ratio that
    we aim at. The notes are what else there is to say of either.
    """

    name: str
    ours: float
    floor: float
    floor_name: str
    goal: str
    unit: Unit = "µs"
    note: str = ""
    floor_note: str = ""

    @property
    def ratio(self) -> float:
        return self.ours / self.floor

    @property
    def key(self) -> str:
        """What it is known by from release to release."""
        return f"{self.name} / {self.floor_name}"

    def row(self, last: float | None) -> str:
        """A line of the table; `last` is the last release's ratio."""
        before = "-" if last is None else f"{last:.3g}"
        ours, floor = self._told(self.ours, self.note), self._told(self.floor, self.floor_note)
        return (
            f"| {self.name} | {ours} | {self.floor_name}: {floor} "
            f"| {self.ratio:.3g} | {before} | {self.goal} |"
        )

    def _told(self, value: float, note: str) -> str:
        amount = f"{value * 1e6:,.0f} µs" if self.unit == "µs" else f"{value:,.0f}/s"
        return f"{amount}, {note}" if note else amount


def seconds(call: Callable[[], object], *, times: int) -> float:
    """The median over some rounds of what one call takes."""
    call()
    begun = time.perf_counter()
    call()
    if (once := time.perf_counter() - begun) > LONG:
        return once
    rounds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(times):
            call()
        rounds.append((time.perf_counter() - start) / times)
    return statistics.median(rounds)
