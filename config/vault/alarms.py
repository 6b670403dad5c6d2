"""A sealed value that did not open, told to operators: counted, logged, and heard by whoever keeps a trail.

The alert on it is `VaultOpenFailure`.
"""

from collections.abc import Callable

import structlog

from config.vault import metrics
from config.vault.errors import OpenFailedError

log = structlog.get_logger(__name__)

# Hears the place and the outcome. Called wherever the failure was met, perhaps in a transaction that will not last.
Listener = Callable[[str, str], None]

_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Have `listener` called at every failure that is an alarm; for a floor above, from its `ready()`."""
    if listener not in _listeners:
        _listeners.append(listener)


def noted(error: OpenFailedError, *, place: str) -> OpenFailedError:
    """The error, which now says where, after it was counted, logged and told. One that was noted before is not again.

    What was shredded on purpose is counted and no alarm.
    """
    if error.place:
        return error
    error.place = place
    metrics.OPEN_FAILURES.labels(error.outcome).inc()
    if error.outcome == "destroyed":
        log.info("vault.opened_after_shredding", place=place)
        return error
    log.error("vault.open_failed", place=place, outcome=error.outcome)
    for listener in _listeners:
        listener(place, error.outcome)
    return error
