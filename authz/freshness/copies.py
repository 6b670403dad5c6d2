"""The stamps' copies in Redis: each lives no longer than a lease from before it was read.

A reader that finds no copy leaves a token in its place, reads PostgreSQL, and puts the stamp where its own token
still is. Whoever changes something deletes the copy after the commit, and with it the tokens of those who read too
early: what they bring is refused. Every way of losing keys (restart, eviction, failover) refuses too.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, cast
from uuid import uuid4

from redis.exceptions import NoScriptError, RedisError

from config import redis
from config.redis import Command, key

PLACEHOLDER = "?"  # how a token starts, and no stamp does

# KEYS: copies. ARGV: a token, the lease in milliseconds. The stamps or tokens that were there; where nothing was,
# false, and the token is there now.
READ = """
local found = {}
for index, name in ipairs(KEYS) do
  local value = redis.call('GET', name)
  if not value then redis.call('SET', name, ARGV[1], 'PX', ARGV[2]) end
  found[index] = value
end
return found
"""

# KEYS: copies. ARGV: the token, and a stamp for each key. The copy keeps the token's time to live.
FILL = """
for index, name in ipairs(KEYS) do
  if redis.call('GET', name) == ARGV[1] then redis.call('SET', name, ARGV[index + 1], 'KEEPTTL') end
end
"""


class Found(NamedTuple):
    """The stamps that have a copy; the names whose place now holds our token; and the token."""

    stamps: dict[str, str]
    awaited: set[str]
    token: str


def read(
    names: Sequence[str], *, lease: float, alongside: Sequence[Command] = ()
) -> tuple[Found, list[Any]]:
    """What there is of the stamps, and the answers to the commands that went the same way.

    Raises redis.RedisError when Redis is away.
    """
    script = _script(READ)
    token = PLACEHOLDER + uuid4().hex
    keys, arguments = [_key(name) for name in names], [token, int(lease * 1000)]
    answer, *others = redis.round_trip(
        [redis.evaluate(script, keys=keys, arguments=arguments), *alongside]
    )
    if isinstance(answer, NoScriptError):
        answer = script(keys=keys, args=arguments, client=redis.client())
    if isinstance(answer, RedisError):
        raise answer
    stamps: dict[str, str] = {}
    awaited: set[str] = set()
    for name, value in zip(names, cast("list[bytes | None]", answer), strict=True):
        if value is None:
            awaited.add(name)
        elif not value.startswith(PLACEHOLDER.encode()):
            stamps[name] = value.decode()
    return Found(stamps, awaited, token), others


def fill(stamps: Mapping[str, str], *, token: str) -> None:
    """Put each stamp where `token` still is. Raises redis.RedisError when Redis is away."""
    _script(FILL)(
        keys=[_key(name) for name in stamps],
        args=[token, *stamps.values()],
        client=redis.client(),
    )


def forget(names: Collection[str]) -> None:
    """Delete the copies, and the tokens of those who are about to make one.

    Raises redis.RedisError when that may not have happened.
    """
    redis.client().delete(*(_key(name) for name in names))


def _key(name: str) -> str:
    return key("{stamps}", name)  # one hash tag, so that a cluster keeps them together


@cache
def _script(source: str) -> Any:
    return redis.client().register_script(source)
