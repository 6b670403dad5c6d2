"""How far the primary was after somebody's last change, so that they are never shown a state before it.

Kept in Redis for as long as a replica that is still used could be behind, under the name by which policies know them
(`user:usr_…`). Where Redis does not take it, this process leaves replicas alone for as long.
"""

import time
from collections.abc import Iterable
from contextvars import ContextVar
from math import ceil

import redis as redis_library
import structlog
from django.conf import settings
from django.db import Error, transaction

from config import redis
from config.http.context import current
from config.replicas import servers
from config.replicas.pool import aliases

log = structlog.get_logger(__name__)

# Of two changes that end at once the later one counts, whichever is told first.
REMEMBER = """
local known = redis.call('GET', KEYS[1])
if known and tonumber(known) >= tonumber(ARGV[1]) then
  return redis.call('EXPIRE', KEYS[1], ARGV[2])
end
return redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
"""

# Whose changes the request at hand has made; None outside of one.
_changed: ContextVar[set[str] | None] = ContextVar("changed", default=None)
_unsure_until = float("-inf")


class UnknownPositionError(Exception):
    """Nobody can say how far the reader's own last change was."""


def reader() -> str:
    """Who asks, as their changes are remembered; "" for nobody in particular."""
    context = current()
    return f"{context.actor_type}:{context.actor_id}" if context.actor_id else ""


def note_change(names: Iterable[str]) -> None:
    """The transaction at hand changes something of these, who must see it once it is committed."""
    transaction.on_commit(lambda: _committed({name for name in names if name}))


def begin() -> object:
    """A request begins; what it changes is remembered once, at its end. Returns what `end` wants."""
    return _changed.set(set())


def end(token: object, *, also: str = "") -> None:
    """It ended: remember its changes, and one of `also`."""
    names = (_changed.get() or set()) | ({also} if also else set())
    _changed.reset(token)  # type: ignore[arg-type]
    if names:
        remember(names)


def remember(names: Iterable[str]) -> None:
    """Everything committed until now is what these must see. Never raises: the change is made."""
    global _unsure_until  # noqa: PLW0603 - one for the process
    life = _life()
    try:
        position = servers.position()
        client = redis.client()
        for name in names:
            client.eval(REMEMBER, 1, _key(name), position, life)
    except (Error, redis_library.RedisError) as error:
        log.warning("position_not_remembered", reason=type(error).__name__)
        _unsure_until = time.monotonic() + life


def demanded_by(name: str) -> int:
    """The position that a replica must have reached for this reader. Raises UnknownPositionError."""
    if time.monotonic() < _unsure_until:
        raise UnknownPositionError
    if not name:
        return 0
    try:
        return int(redis.client().get(_key(name)) or 0)
    except redis_library.RedisError as error:
        raise UnknownPositionError from error


def now() -> int:
    """Of the primary, for work that must see all that is there when it begins; 0 without replicas."""
    return servers.position() if aliases() else 0


def forget_doubts() -> None:
    """For tests."""
    global _unsure_until  # noqa: PLW0603 - one for the process
    _unsure_until = float("-inf")


def _committed(names: set[str]) -> None:
    changed = _changed.get()
    if changed is None:
        remember(names)
    else:
        changed |= names


def _life() -> int:
    """A replica that lags for longer than this is not read from."""
    environment = settings.ENVIRONMENT
    return ceil(2 * (environment.replica_max_lag + environment.replica_check_interval)) + 1


def _key(name: str) -> str:
    return redis.key("position", name)
