"""Waiting until something has come about, and no longer."""

import subprocess
import time
from collections.abc import Callable
from urllib.error import HTTPError
from urllib.request import urlopen

PATIENCE = 60.0  # seconds: how long something may take on a busy machine
LOOK_EVERY = 0.02


def wait_until(
    condition: Callable[[], object],
    what: str,
    *,
    limit: float = PATIENCE,
    despite: tuple[type[Exception], ...] = (),
) -> None:
    """Return when `condition()` holds; what is in `despite` means that it does not yet. Raises TimeoutError when it
    does not come about.
    """
    deadline = time.monotonic() + limit
    while not _holds(condition, despite):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited in vain: {what}")
        time.sleep(LOOK_EVERY)


def _holds(condition: Callable[[], object], despite: tuple[type[Exception], ...]) -> bool:
    try:
        return bool(condition())
    except despite:
        return False


def is_ready_in_time(url: str, process: "subprocess.Popen[bytes]", *, patience: float) -> bool:
    """Whether `url` answered 200 within `patience` seconds, and before the process that should do so had ended."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(url, timeout=5) as answer:  # noqa: S310 - an address of ours
                if answer.status == 200:
                    return True
        except (HTTPError, OSError):
            pass  # not ready, or not listening yet
        time.sleep(LOOK_EVERY * 5)
    return False
