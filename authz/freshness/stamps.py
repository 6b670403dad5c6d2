"""What the rest of the app calls: `current` before it decides, `touch` when something changed."""

import threading
import time
from collections.abc import Collection, Sequence
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from redis import RedisError

from authz.freshness import copies, ledger
from authz.freshness.ledger import Stamps
from config.http.metrics import REDIS_FALLBACKS
from config.redis import Command

logger = structlog.get_logger(__name__)

POLICIES = "policies"  # the stamp of all the rules together
MARGIN = 1.1  # two clocks that count the same lease may run a little apart

_redis_rests_until = 0.0  # by the monotonic clock


class _Touched(threading.local):
    """What this thread's transaction has touched so far."""

    def __init__(self) -> None:
        self.names: set[str] = set()


_touched = _Touched()


def current(names: Collection[str]) -> Stamps:
    """The stamp of every name, as fresh as the moment of the call: one round trip to Redis when it has them all.

    Within a transaction PostgreSQL answers: it alone knows what the transaction itself has changed.
    """
    stamps, _ = current_and(names, ())
    return stamps


def current_and(
    names: Collection[str], commands: Sequence[Command]
) -> tuple[Stamps, list[Any] | None]:
    """The stamps, and in the same round trip Redis's answers to `commands`; None for them where it was not asked."""
    if connection.in_atomic_block or time.monotonic() < _redis_rests_until:
        return ledger.read(names), None
    try:
        return _through_redis(names, commands)
    except RedisError:
        _leave_redis_alone()
        return ledger.read(names), None


def _through_redis(names: Collection[str], commands: Sequence[Command]) -> tuple[Stamps, list[Any]]:
    found, answers = copies.read(
        list(names), lease=settings.ENVIRONMENT.stamp_lease, alongside=commands
    )
    stamps = found.stamps
    missing = [name for name in names if name not in stamps]
    if missing:
        stamps |= ledger.read(missing)
        if found.awaited:
            copies.fill({name: stamps[name] for name in found.awaited}, token=found.token)
    return stamps, answers


def _leave_redis_alone() -> None:
    """Reading PostgreSQL is always right, so nobody waits for a Redis that has just failed."""
    global _redis_rests_until  # noqa: PLW0603 - one clock reading for the process; a race writes nearly the same
    REDIS_FALLBACKS.labels("stamps").inc()
    _redis_rests_until = time.monotonic() + settings.ENVIRONMENT.stamp_redis_pause


def touch(names: Collection[str]) -> None:
    """Everything remembered of `names` is out of date once the transaction at hand has committed.

    The call that commits does not return before every process must see it: either Redis has dropped its copies, or
    the longest that one may live has passed.
    """
    ledger.renew(names)
    _touched.names.update(names)
    transaction.on_commit(_announce)


def _announce() -> None:
    """Runs for every touch; the first one speaks for all of the transaction.

    What a savepoint took back may be among the names: to forget too much costs a read.
    """
    names, _touched.names = _touched.names, set()
    if not names:
        return
    committed = time.monotonic()
    try:
        copies.forget(names)
    except RedisError:
        REDIS_FALLBACKS.labels("stamps").inc()
        lease = settings.ENVIRONMENT.stamp_lease * MARGIN
        logger.warning("stamps_wait_out_their_lease", names=len(names), lease=lease)
        time.sleep(max(0.0, committed + lease - time.monotonic()))
