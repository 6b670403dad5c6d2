"""PostgreSQL's disk is full for a while, as root with a tmpfs: what cannot be kept is refused, and then all goes on.

What is on other disks (Redis, logs, archives) stays well. PostgreSQL may end itself when it has no room for its log;
then it is started again once there is room, as whatever watches it does.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.devstack.readiness import wait_until_ready
from tests.proofs.drills.drill import Drill, Row
from tests.proofs.drills.ground import VARIABLES, Ground, under_load
from tests.proofs.drills.places import folder_for_all
from tests.proofs.served import served
from tests.streaming import Server, server

SIZE = "400m"
FULL = 15.0  # seconds
AFTER = 20.0
BACK = 60.0  # seconds in which the service must be ready again
PIECE = 1024 * 1024


def run() -> Row:
    if os.geteuid() != 0:
        raise SystemExit("Only root can make a small disk.")
    with (
        folder_for_all() as folder,
        _small_disk(folder / "disk") as disk,
        server(disk / "postgres") as postgres,
        served("--steady", "1", DATABASE_URL=postgres.url, **VARIABLES) as stack,
    ):
        with under_load(stack) as ground:
            _fill(disk, postgres, ground)
            if not wait_until_ready(f"http://127.0.0.1:{stack.port}/readyz", patience=BACK):
                raise SystemExit("not ready again")
            ground.calm(AFTER)
        row = ground.row()
    if not row.wrong:
        row.failed.append("nobody noticed: the disk was not full")
    row.demand(longest_gap=FULL + BACK)
    return row


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=711", "drill", folder],  # noqa: S607
        check=True,
    )
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)  # noqa: S607


def _fill(disk: Path, postgres: Server, ground: Ground) -> None:
    """To the last byte, again and again, for what was freed meanwhile."""
    filler = disk / "filler"
    begun, until = time.monotonic(), time.monotonic() + FULL
    with filler.open("wb", buffering=0) as file:
        while time.monotonic() < until:
            _write_until_full(file.fileno())
            time.sleep(0.1)
    ended = not postgres.running
    filler.unlink()
    postgres.revive()
    ground.told.append(
        f"full for {time.monotonic() - begun:.0f} s; PostgreSQL "
        + ("ended itself, and was started again" if ended else "went on by itself")
    )


def _write_until_full(descriptor: int) -> None:
    size = PIECE
    while size:
        try:
            os.write(descriptor, bytes(size))
        except OSError:
            size //= 2


DRILL = Drill(
    name="full-disk",
    happens=f"PostgreSQL's disk is full for {FULL:g} s",
    run=run,
)
