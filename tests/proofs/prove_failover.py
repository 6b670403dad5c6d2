"""Proves what is promised of failovers: `python -m tests.proofs.prove_failover`, about two minutes for each drill.

Each drill starts a stack of its own, keeps a small load on it, and takes something away. It prints a row of what the
clients saw, whether anything committed was lost (every change has its event and its row of the trail, and the chain
verifies), and whether anybody was let through who no longer may. `--only` runs some of them.
"""

import argparse
import subprocess
import sys

from config.settings.sections.section import PROJECT_ROOT
from tests.proofs.drills.catalogue import DRILLS
from tests.proofs.drills.drill import HEADER, Drill, table_row


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    names = [drill.name for drill in DRILLS]
    parser.add_argument("--only", choices=names, nargs="+", default=names, help="these drills")
    options = parser.parse_args()
    chosen = [drill for drill in DRILLS if drill.name in options.only]
    if len(chosen) == 1:
        return 0 if _run(chosen[0]) else 1
    held = [_apart(drill) for drill in chosen]
    return 0 if all(held) else 1


def _apart(drill: Drill) -> bool:
    """In a process of its own, which knows of no other stack."""
    command = [sys.executable, "-m", "tests.proofs.prove_failover", "--only", drill.name]
    return subprocess.run(command, cwd=PROJECT_ROOT, check=False).returncode == 0


def _run(drill: Drill) -> bool:
    row = drill.run()
    lines = [HEADER, table_row(drill, row), *(f"  {line}" for line in row.told)]
    broken = {"LOST": row.lost, "LET THROUGH": row.let_through, "FAILED": row.failed}
    for what, each in broken.items():
        lines += [f"{what} {line}" for line in each]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
    return row.good


if __name__ == "__main__":
    sys.exit(main())
