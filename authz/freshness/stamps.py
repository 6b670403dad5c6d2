"""What the rest of the app calls: `current` before it decides, `touch` when something changed."""

import threading
import time
from collections.abc import Collection, Sequence
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from redis import RedisError

from authz.freshness import feed, ledger
from authz.freshness.feed import Place
from authz.freshness.known import NOWHERE, KnownStamps
from authz.freshness.ledger import Stamps
from config import redis
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


_known = KnownStamps(lambda: settings.ENVIRONMENT.attribute_cache_size)
_following = threading.Lock()


def current(names: Collection[str]) -> Stamps:
    """The stamp of every name, as fresh as the moment of the call: one round trip to Redis when nothing has changed.

    Within a transaction PostgreSQL answers: it alone knows what the transaction itself has changed.
    """
    stamps, _ = current_and(names, ())
    return stamps


def current_and(
    names: Collection[str], commands: Sequence[Command]
) -> tuple[Stamps, list[Any] | None]:
    """The stamps, and in the same round trip Redis's answers to `commands`; None for them where it was not asked."""
    if connection.in_atomic_block or _redis_rests():
        return ledger.read(names), None
    answers = None
    try:
        glanced, *answers = redis.round_trip([feed.glance(), *commands])
        up_to_date = _catch_up(feed.seen(glanced) or _renewed())
    except RedisError:
        _leave_redis_alone()
        up_to_date = False
    return (_from_memory(names) if up_to_date else ledger.read(names)), answers


def forget() -> None:
    """Know no stamp any more: for whoever has changed the ledger behind everybody's back, as tests do."""
    _known.start()


def _from_memory(names: Collection[str]) -> Stamps:
    found = _known.recall(names)
    if found.awaited:
        read = ledger.read(found.awaited)
        _known.fill(read, found.mark)
        found.stamps.update(read)
    return found.stamps


def _catch_up(end: Place | None) -> bool:
    """Follow the feed to its end, or beyond. False without a lease, or without an entry to start from.

    One thread at a time, and it moves the place that it has read itself.
    """
    if end is None:
        return False
    if _known.place == end:
        return True
    with _following:
        if _known.place == end:
            return True
        if _redis_rests():  # whoever held the lock has found it away
            return False
        if _known.place.feed == end.feed:
            entries = feed.after(_known.place.position)
            if entries is not None:
                _known.follow(entries)
                return True
        start = feed.end()
        _known.start(Place(end.feed, start) if start else NOWHERE)
        return start is not None


def _renewed() -> Place | None:
    """The end of the feed under a lease that is new; None when somebody else is about to renew it."""
    claimed = feed.claim(lease=settings.ENVIRONMENT.stamp_lease)
    if claimed is None:
        return None
    polled, changed = ledger.poll(claimed.polled)
    feed.renew(claimed, polled, changed=changed)
    (glanced,) = redis.round_trip([feed.glance()])
    return feed.seen(glanced)


def _redis_rests() -> bool:
    return time.monotonic() < _redis_rests_until


def _leave_redis_alone() -> None:
    """Reading PostgreSQL is always right, so nobody waits for a Redis that has just failed."""
    global _redis_rests_until  # noqa: PLW0603 - one clock reading for the process; a race writes nearly the same
    REDIS_FALLBACKS.labels("stamps").inc()
    _redis_rests_until = time.monotonic() + settings.ENVIRONMENT.stamp_redis_pause


def touch(names: Collection[str]) -> None:
    """Everything remembered of `names` is out of date once the transaction at hand has committed.

    The call that commits does not return before every process must see it: either they find it in the feed, or
    the longest that a lease on the feed without it may live has passed.
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
        feed.announce(names)
    except RedisError:
        REDIS_FALLBACKS.labels("stamps").inc()
        lease = settings.ENVIRONMENT.stamp_lease * MARGIN
        logger.warning("stamps_wait_out_their_lease", names=len(names), lease=lease)
        time.sleep(max(0.0, committed + lease - time.monotonic()))
