"""Where the processes of this machine keep their numbers, each in files of its own, until a scrape adds them up.

prometheus_client writes there when `PROMETHEUS_MULTIPROC_DIR` is set before it is first imported.
"""

import os
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def prepare_multiprocess_directory(path: Path) -> None:
    """Make `path` an empty home for the numbers of this start.

    Whoever starts the processes calls it once, before any of them, and sets `PROMETHEUS_MULTIPROC_DIR` to
    `path` in their environment. What an earlier start left there is deleted: its counters would be added to ours.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left_over in path.glob("*.db"):
        left_over.unlink(missing_ok=True)


def forget_dead_gauges(directory: Path) -> None:
    """Delete the live gauges of processes that have ended, however they ended."""
    for file in directory.glob("gauge_live*.db"):
        pid = file.stem.rpartition("_")[2]
        if pid.isdecimal() and not is_alive(int(pid)):
            file.unlink(missing_ok=True)


def is_alive(pid: int) -> bool:
    """Whether this machine has a process of that id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
