"""What a killed stack may have left running."""

import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

GRACE = 3  # seconds
POLL_INTERVAL = 0.02


def end_processes_in(folder: Path, *, program: str) -> None:
    """End every process called `program` that works in `folder`.

    Only for who holds the lock of the state folder: whatever a server still does there then belongs to a stack
    that was killed. Both servers make their data folder their working folder, which no recycled process id does.
    """
    left = [process for process in psutil.process_iter() if _works_in(process, folder, program)]
    for number in (signal.SIGTERM, signal.SIGKILL):
        _tell(left, number)
        deadline = time.monotonic() + GRACE
        while (
            left := [process for process in left if _lives(process)]
        ) and time.monotonic() < deadline:
            time.sleep(POLL_INTERVAL)


def _works_in(process: psutil.Process, folder: Path, program: str) -> bool:
    try:
        return process.name().startswith(program) and Path(process.cwd()) == folder
    except (psutil.Error, OSError):
        return False


def _tell(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # it may follow the one before it
            process.send_signal(number)


def _lives(process: psutil.Process) -> bool:
    """A dead process that nobody has buried does not: in a container without an init that may take for ever."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
