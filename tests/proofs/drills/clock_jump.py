"""Every clock of the stack jumps a minute ahead, and back again: PostgreSQL's, Valkey's and all processes'.

By a library that is loaded into each of them (`skewed_clock.c`, built with the system's `cc`): Debian's libfaketime
makes `time.sleep` fail under Python 3.11. Clients' clocks stay right.
"""

import shutil
import struct
import subprocess
import time
from pathlib import Path

from tests.proofs.drills.drill import Drill, Row
from tests.proofs.drills.ground import VARIABLES, under_load
from tests.proofs.drills.places import folder_for_all
from tests.proofs.served import Served, served

SOURCE = Path(__file__).with_name("skewed_clock.c")
AHEAD = 60  # seconds
FOR = 15.0  # seconds until it jumps back
AFTER = 70.0  # until what was made ahead is no longer of the future
LONGEST_GAP = AHEAD + FOR


def run() -> Row:
    if not shutil.which("cc"):
        raise SystemExit("There is no C compiler to move clocks with (Debian: gcc).")
    with folder_for_all() as folder:
        library, offset = folder / "skewed_clock.so", folder / "offset"
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, SOURCE], check=True)  # noqa: S607
        offset.write_bytes(struct.pack("=q", 0))
        moved = {"LD_PRELOAD": str(library), "CLOCK_OFFSET_FILE": str(offset)}
        with served("--steady", "1", **moved, **VARIABLES) as stack:
            with under_load(stack) as ground:
                seen = ground.load.sight.wrong
                _jump(stack, offset, AHEAD)
                ground.calm(FOR)
                ahead = sum(seen.values())
                _jump(stack, offset, 0)
                ground.calm(AFTER)
                ground.told.append(
                    f"{ahead} went wrong while the clocks were ahead, {sum(seen.values()) - ahead} after they "
                    "had jumped back"
                )
            row = ground.row()
    row.demand(longest_gap=LONGEST_GAP)
    return row


def _jump(stack: Served, offset: Path, seconds: int) -> None:
    """In place: every process has it mapped. Raises RuntimeError when the service does not follow."""
    with offset.open("r+b") as file:
        file.write(struct.pack("=q", seconds))
    told = stack.manage("shell", "--no-imports", "-c", "import time; print(time.time())")
    if abs(float(told) - time.time() - seconds) > 10:
        raise RuntimeError("the clocks did not jump")


DRILL = Drill(
    name="clock-jump",
    happens=f"all clocks of the stack jump {AHEAD} s ahead, and back {FOR:g} s later",
    run=run,
)
