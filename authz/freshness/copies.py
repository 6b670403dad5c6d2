"""The stamps' copies in Redis: each lives no longer than a lease from before it was read.

A reader that finds no copy leaves a token in its place, reads PostgreSQL, and puts the stamp where its own token
still is. Whoever changes something deletes the copy after the commit, and with it the tokens of those who read too
early: what they bring is refused. Every way of losing keys (restart, eviction, failover) refuses too.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any, cast
from uuid import uuid4

from config import redis
from config.redis import key

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


def read(names: Sequence[str], *, lease: float) -> tuple[dict[str, str], set[str], str]:
    """The stamps that have a copy; the names whose place now holds our token; and the token.

    Raises redis.RedisError when Redis is away.
    """
    token = PLACEHOLDER + uuid4().hex
    answer = cast(
        "list[bytes | None]",
        _script(READ)(
            keys=[_key(name) for name in names],
            args=[token, int(lease * 1000)],
            client=redis.client(),
        ),
    )
    stamps: dict[str, str] = {}
    awaited: set[str] = set()
    for name, value in zip(names, answer, strict=True):
        if value is None:
            awaited.add(name)
        elif not value.startswith(PLACEHOLDER.encode()):
            stamps[name] = value.decode()
    return stamps, awaited, token


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
