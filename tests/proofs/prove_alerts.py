"""Proves that alerts fire: `python -m tests.proofs.prove_alerts`, some fifteen minutes.

A stack with servers of its own, and a Prometheus that scrapes it and evaluates our alerts with every time in them
divided by `--factor`. Each fault is made for real, and its alerts must fire; then it is undone, and where
that is cheap they must be quiet again. The commands of each runbook are run while its fault lasts, those of pages that
no alert leads to at the end.
"""

import argparse
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from tests.proofs.alerts.catalogue import FAULTS, NOT_TRIED
from tests.proofs.alerts.fault import Fault, Row
from tests.proofs.alerts.prometheus import Prometheus, PrometheusMissingError, watching
from tests.proofs.alerts.runbook import Ran, page_of, pages_of_no_alert, run_page
from tests.proofs.alerts.scene import Scene, made_ready

LOOK_EVERY = 0.5  # seconds
QUIET_LIMIT = 120.0  # until what an earlier fault did is over
HEADER = "| alert | what was done | fired after | quiet again after |\n| --- | --- | --- | --- |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    names = [alert for fault in FAULTS for alert in fault.alerts]
    parser.add_argument("--only", choices=names, nargs="+", default=names, metavar="ALERT")
    parser.add_argument("--factor", type=int, default=20, help="how much faster (%(default)s)")
    options = parser.parse_args()
    chosen = [fault for fault in FAULTS if set(fault.alerts) & set(options.only)]
    try:
        rows, ran = _drill(chosen, options.factor)
    except PrometheusMissingError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return _report(rows, ran)


def _drill(faults: list[Fault], factor: int) -> tuple[list[Row], list[Ran]]:
    rows: list[Row] = []
    ran: list[Ran] = []
    with tempfile.TemporaryDirectory(prefix="gatehouse-alerts-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL's user passes through
        (folder / "prometheus").mkdir()
        with (
            made_ready(folder) as scene,
            watching(scene.stack.port, folder / "prometheus", factor=factor) as prometheus,
        ):
            for fault in faults:
                rows += _try(fault, scene, prometheus, ran)
            for page in pages_of_no_alert():
                ran += run_page(page, scene.stack)
    return rows, ran


def _try(fault: Fault, scene: Scene, prometheus: Prometheus, ran: list[Ran]) -> list[Row]:
    _say(f"{', '.join(fault.alerts)}: {fault.happens}")
    rows = [Row(name, fault.happens, None, None, fault.resolves > 0) for name in fault.alerts]
    try:
        _make(fault, rows, scene, prometheus, ran)
    except (
        Exception
    ) as error:  # the others are tried all the same, and this one did not go as it should
        _say("".join(traceback.format_exception(error)))
    for row in rows:
        _say(f"  {row.line}")
    return rows


def _make(
    fault: Fault, rows: list[Row], scene: Scene, prometheus: Prometheus, ran: list[Ran]
) -> None:
    """Fills `rows` in. Raises RuntimeError when an alert of its fires before anything has been done."""

    def is_quiet(name: str) -> bool:
        return name not in prometheus.firing()

    before = _when(fault, QUIET_LIMIT, time.monotonic(), is_quiet)
    if len(before) < len(fault.alerts):
        raise RuntimeError(f"{set(fault.alerts) - set(before)} fire before anything has been done")
    begun = time.monotonic()
    with fault.cause(scene):
        fired = _when(fault, fault.patience, begun, lambda name: not is_quiet(name))
        for row in rows:
            row.fired = fired.get(row.alert)
        for page in sorted({page_of(alert) for alert in fault.alerts}):
            if page not in {each.page for each in ran}:
                ran += run_page(page, scene.stack)
    if fault.resolves:
        quiet = _when(fault, fault.resolves, time.monotonic(), is_quiet)
        for row in rows:
            row.resolved = quiet.get(row.alert)


def _when(
    fault: Fault, patience: float, begun: float, holds: Callable[[str], bool]
) -> dict[str, float]:
    """After how many seconds it held of each alert; those of which it did not are left out."""
    found: dict[str, float] = {}
    while len(found) < len(fault.alerts) and time.monotonic() < begun + patience:
        for name in fault.alerts:
            if name not in found and holds(name):
                found[name] = time.monotonic() - begun
        time.sleep(LOOK_EVERY)
    return found


def _report(rows: list[Row], ran: list[Ran]) -> int:
    """0 when everything that was tried fired, and every command of a page is of use."""
    faulty = [each for each in ran if each.fault]
    lines = ["", HEADER, *(row.line for row in rows), "", "Not tried:"]
    lines += [f"- {alert}: {reason}" for alert, reason in NOT_TRIED.items()]
    lines.append(f"{len(ran)} commands of {len({each.page for each in ran})} runbooks were run.")
    for each in faulty:
        lines.append(f"RUNBOOK {each.page}: `{each.line}` {each.fault} ({each.code})")
        lines += [f"    {line}" for line in (each.out + each.err).splitlines()[-8:]]
    silent = [row.alert for row in rows if row.fired is None]
    loud = [row.alert for row in rows if row.waited and row.resolved is None]
    lines += [f"SILENT {alert}" for alert in silent]
    lines += [f"STILL FIRING {alert}" for alert in loud]
    _say("\n".join(lines))
    return 1 if silent or loud or faulty else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
