"""The feed of changes in Redis: an entry for each change, with the names that it touched, and a lease on it all.

A process that has followed the feed to its end knows which of the stamps that it has read are out of date, as long as
the lease is there. Whoever finds it gone leaves a token in its place, asks PostgreSQL what changed since somebody last
asked, adds that to the feed, and puts the lease where its own token still is, for what is left of the token's life.
Losing keys (restart, eviction, failover) loses the lease, or what a process's position in the feed was.
"""

from collections.abc import Collection, Iterator
from functools import cache
from typing import Any, NamedTuple, cast
from uuid import uuid4

import orjson
from redis.exceptions import RedisError

from authz.freshness.ledger import Polled
from config import redis
from config.redis import Command, key

PLACEHOLDER = "?"  # how a token starts, and no feed's name does
LONGEST = 10_000  # entries that are kept, about; who is further behind starts anew


def _key(name: str) -> str:
    return key("{stamps}", name)  # one hash tag, so that a cluster keeps them together


LEASE, ENTRIES, LAST, POLLED = map(_key, ("lease", "entries", "last", "polled"))

ADD = """
local function add(names)
  local position = redis.call('XADD', KEYS[1], 'MAXLEN', '~', {longest}, '*', 'names', names)
  redis.call('SET', KEYS[2], position)
end
""".replace("{longest}", str(LONGEST))

# KEYS: entries, last. ARGV: names.
ANNOUNCE = ADD + "add(ARGV[1])"

# KEYS: lease, polled. ARGV: a token, the lease in milliseconds. What was polled last, or -1: somebody else is at it.
CLAIM = """
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return -1 end
return redis.call('GET', KEYS[2])
"""

# KEYS: entries, last, lease, polled. ARGV: names, the token, the feed's name, what was polled. There is an entry even
# without names, so that there is a position to be at. The lease keeps the token's time to live.
RENEW = (
    ADD
    + """
if redis.call('GET', KEYS[3]) ~= ARGV[2] then return end
add(ARGV[1])
redis.call('SET', KEYS[4], ARGV[4])
redis.call('SET', KEYS[3], ARGV[3], 'KEEPTTL')
"""
)


class Place(NamedTuple):
    """A feed, by a name that no other ever had, and a position in it: the id of an entry."""

    feed: str
    position: str


class Entry(NamedTuple):
    position: str
    names: list[str]


class Claim(NamedTuple):
    """The right to renew the lease. `feed` is its name, and `polled` what PostgreSQL was last asked for it; both are
    None when it is not known any more.
    """

    token: str
    feed: str | None
    polled: Polled | None


def glance() -> Command:
    """The command whose answer is for `seen`: all that there is to ask while nothing changes."""
    return ("MGET", LEASE, LAST)


def seen(answer: Any) -> Place | None:
    """The end of the feed, None when there is no lease on it. Raises redis.RedisError when the answer is one."""
    if isinstance(answer, RedisError):
        raise answer
    lease, last = cast("list[bytes | None]", answer)
    if lease is None or lease.startswith(PLACEHOLDER.encode()):
        return None
    return Place(lease.decode(), last.decode() if last else "")


def end() -> str | None:
    """The position of the newest entry, None without any. Raises redis.RedisError when Redis is away."""
    newest = list(_entries(redis.client().xrevrange(ENTRIES, count=1)))
    return newest[0].position if newest else None


def after(position: str) -> list[Entry] | None:
    """What came after `position`, in order. None when that entry is not there, so that some may be missing.

    Raises redis.RedisError when Redis is away.
    """
    entries = list(_entries(redis.client().xrange(ENTRIES, min=position)))
    if not entries or entries[0].position != position:
        return None
    return entries[1:]


def announce(names: Collection[str]) -> None:
    """Tell everybody that these have changed. Raises redis.RedisError when that may not have happened."""
    _script(ANNOUNCE)(keys=[ENTRIES, LAST], args=[orjson.dumps(list(names))], client=redis.client())


def claim(*, lease: float) -> Claim | None:
    """Where there is no lease, the right to renew it; None when there is one, or somebody else has that right.

    Whoever has it asks PostgreSQL after this call. Raises redis.RedisError when Redis is away.
    """
    token = PLACEHOLDER + uuid4().hex
    answer = _script(CLAIM)(
        keys=[LEASE, POLLED], args=[token, int(lease * 1000)], client=redis.client()
    )
    if answer == -1:
        return None
    if answer is None:
        return Claim(token, None, None)
    feed, *polled = orjson.loads(answer)
    return Claim(token, feed, Polled(*polled))


def renew(claimed: Claim, polled: Polled, *, changed: Collection[str] | None) -> None:
    """Put the lease in force, if the claim still holds. `changed` since the claim's `polled`; None when that cannot be
    said, which makes it another feed.

    Raises redis.RedisError when Redis is away.
    """
    feed = uuid4().hex if changed is None or claimed.feed is None else claimed.feed
    _script(RENEW)(
        keys=[ENTRIES, LAST, LEASE, POLLED],
        args=[
            orjson.dumps(list(changed or ())),
            claimed.token,
            feed,
            orjson.dumps([feed, *polled]),
        ],
        client=redis.client(),
    )


def _entries(rows: Any) -> Iterator[Entry]:
    for position, fields in rows:
        yield Entry(position.decode(), orjson.loads(fields[b"names"]))


@cache
def _script(source: str) -> Any:
    return redis.client().register_script(source)
