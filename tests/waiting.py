"""Waiting until something has come about, and no longer."""

import time
from collections.abc import Callable

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
