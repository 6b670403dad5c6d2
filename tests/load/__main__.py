"""Puts load on a stack of its own, scenario by scenario: `python -m tests.load`, six minutes.

Exit code 1 when a request fails, or takes longer than its scenario allows.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.load.criteria import HEADER, SCENARIOS, Scenario, judged
from tests.load.scene import Scene
from tests.proofs.served import served


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    names = [scenario.name for scenario in SCENARIOS]
    parser.add_argument("--only", choices=names, action="append", help="may be repeated")
    parser.add_argument("--seconds", type=int, help="of each scenario, instead of its own")
    options = parser.parse_args()
    chosen = [one for one in SCENARIOS if not options.only or one.name in options.only]
    with served() as stack, tempfile.TemporaryDirectory() as folder:
        scene = Scene(stack, Path(folder))
        sys.stdout.write(f"{HEADER}\n")
        good = [_run(scene, each, options.seconds or each.seconds) for each in chosen]
    return 0 if all(good) else 1


def _run(scene: Scene, scenario: Scenario, seconds: int) -> bool:
    """Tells the rows of the scenario; whether all is as it must be."""
    kinds = scene.run(scenario.people, users=scenario.users, seconds=seconds)
    rows, good = judged(scenario, kinds)
    sys.stdout.write("".join(f"{line}\n" for line in [*rows, *scene.failures]))
    sys.stdout.flush()
    return good


if __name__ == "__main__":
    sys.exit(main())
