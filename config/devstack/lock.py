"""One stack at a time on one state folder.

Two locks (flock), because a killed stack takes a moment to end. The first belongs to the runner alone and says that a
stack runs; its file tells who, for people and for `manage.py` commands beside the stack. The second is inherited by
every process of the stack, so it is free only when the last of them is gone, and nobody starts a second PostgreSQL on
the same data. Process ids would not do: they are given again, and a dead process may stay a zombie.
"""

import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from config.devstack.errors import DevstackError
from config.devstack.layout import Layout

PATIENCE = 60.0  # seconds for what a killed stack left to end by itself
POLL_INTERVAL = 0.05


@dataclass(frozen=True)
class Holder:
    """Who runs the stack, and the port that its web answers on."""

    pid: int
    port: int


@dataclass
class StackLock:
    """Both locks of one state folder; `descriptor` is the one for the processes to inherit."""

    layout: Layout
    descriptor: int = -1
    _own: int = -1

    def take(self, us: Holder, *, patience: float = PATIENCE) -> None:
        """Raises DevstackError when a stack runs already; waits for the remains of a killed one."""
        self.layout.state_dir.mkdir(parents=True, exist_ok=True)
        self.descriptor = _open(self.layout.lock_file)
        self._own = _open(self.layout.runner_file)
        try:
            self._wait(time.monotonic() + patience)
        except BaseException:
            self.release()
            raise
        fcntl.flock(self._own, fcntl.LOCK_EX)
        os.ftruncate(self._own, 0)
        os.pwrite(self._own, json.dumps(asdict(us)).encode(), 0)

    def release(self) -> None:
        for descriptor in (self._own, self.descriptor):
            if descriptor >= 0:
                os.close(descriptor)
        self._own = self.descriptor = -1

    def _wait(self, deadline: float) -> None:
        while not _try(self.descriptor, fcntl.LOCK_EX):
            other = holder(self.layout)
            if other:
                raise DevstackError(
                    f"A stack already runs on {self.layout.state_dir} (process {other.pid}, port {other.port}). "
                    "Stop it, or set STATE_DIR and PORT to run another one beside it."
                )
            if time.monotonic() > deadline:
                raise DevstackError(
                    f"What a killed stack left still uses {self.layout.state_dir}: see `fuser {self.layout.lock_file}`."
                )
            time.sleep(POLL_INTERVAL)


def holder(layout: Layout) -> Holder | None:
    """Who runs a stack on this state folder right now; None: nobody."""
    try:
        descriptor = os.open(layout.runner_file, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        if _try(descriptor, fcntl.LOCK_SH):
            return None
        text = Path(layout.runner_file).read_text()
        return Holder(**json.loads(text)) if text else None  # empty: it takes the lock just now
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
