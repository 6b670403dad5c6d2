"""Who of the staff looked at what: a row in the trail for each look, and one for looks that follow one another."""

from hashlib import sha256

import redis as redis_library
import structlog
from django.conf import settings
from django.db import transaction

from audit.events import ConsoleViewed
from config import redis
from config.http import context
from config.http.metrics import REDIS_FALLBACKS
from events.domain import emit

log = structlog.get_logger(__name__)


def note(*, page: str, object_id: str, user_id: str = "") -> bool:
    """Whoever is at the console looks at `object_id` (a public id) on `page`; `user_id` is the person whom it tells of.
    Once in `console_view_interval` for the same of the staff and the same object: False when there was a row already.

    Called before anything is shown: what cannot be written down is not shown.
    """
    claim = _claim_of(page, object_id)
    if not _is_first(claim):
        return False
    try:
        with transaction.atomic():
            emit(ConsoleViewed(page=page, object_id=object_id, user_id=user_id))
    except BaseException:
        _give_back(claim)
        raise
    return True


def _claim_of(page: str, object_id: str) -> str:
    """Hashed: what staff typed into a search is nothing for the memory of Redis."""
    looked = "\n".join((context.current().actor_id, page, object_id))
    return redis.key("console-view", sha256(looked.encode()).hexdigest())


def _is_first(claim: str) -> bool:
    """Without Redis every look is: rather two rows than none."""
    try:
        return bool(
            redis.client().set(claim, b"1", nx=True, ex=settings.ENVIRONMENT.console_view_interval)
        )
    except redis_library.RedisError:
        REDIS_FALLBACKS.labels("console_views").inc()
        return True


def _give_back(claim: str) -> None:
    """The row was not written, so the next look writes it."""
    try:
        redis.client().delete(claim)
    except redis_library.RedisError:
        log.warning("audit.console_view_claim_kept")
