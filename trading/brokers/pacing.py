"""Turns at a broker's rate limit: one queue for each API key, shared by every worker.

A token bucket that may go into debt (GCRA): who comes gets the next free moment as their own and waits for it, so that
nobody races for a token and no moment is lost by who wakes up late. One atomic script in Redis. With Redis away each
process keeps a queue of its own.
"""

import threading
import time
from collections import OrderedDict
from functools import cache
from hashlib import sha256
from typing import Any

import redis
from redis.commands.core import Script

from config import redis as redis_connection
from config.http.metrics import REDIS_FALLBACKS
from trading.brokers.base import Pace

# KEYS[1]: the moment (ms) up to which all turns are taken. ARGV: ms between turns, burst, longest wait in ms.
# Returns {taken, ms to wait}.
TAKE_TURN = """
local now = redis.call('TIME')
local ms = now[1] * 1000 + now[2] / 1000
local interval, burst, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local taken_up = math.max(ms, tonumber(redis.call('GET', KEYS[1])) or 0)
local wait = math.max(0, taken_up - ms - (burst - 1) * interval)
if wait > longest then return {0, math.ceil(wait)} end
local after = taken_up + interval
redis.call('SET', KEYS[1], string.format('%.3f', after), 'PX', math.ceil(after - ms) + 1000)
return {1, math.ceil(wait)}
"""

# KEYS[1]: the same. ARGV: ms for which there is to be no turn.
HOLD = """
local now = redis.call('TIME')
local until_ms = now[1] * 1000 + now[2] / 1000 + tonumber(ARGV[1])
if until_ms > (tonumber(redis.call('GET', KEYS[1])) or 0) then
    redis.call('SET', KEYS[1], string.format('%.3f', until_ms), 'PX', math.ceil(tonumber(ARGV[1])) + 1000)
end
return 0
"""


def take_turn(broker: str, api_key: str, pace: Pace, *, longest_wait: float) -> tuple[bool, float]:
    """Take the next turn, unless it is more than `longest_wait` seconds away. Whether it was taken, and the seconds
    until it comes."""
    interval = 1000 / pace.per_second
    try:
        taken, wait = _script(TAKE_TURN)(
            keys=[_key(broker, api_key)],
            args=[repr(interval), pace.burst, repr(longest_wait * 1000)],
            client=redis_connection.client(),
        )
    except redis.RedisError:
        REDIS_FALLBACKS.labels("broker_pacing").inc()
        taken, wait = _local_turns.take(
            _key(broker, api_key), interval, pace.burst, longest_wait * 1000
        )
    return bool(taken), wait / 1000


def hold(broker: str, api_key: str, seconds: float) -> None:
    """No further turn for this API key, in any worker, for so long: the broker has said that it is too much."""
    try:
        _script(HOLD)(
            keys=[_key(broker, api_key)],
            args=[repr(seconds * 1000)],
            client=redis_connection.client(),
        )
    except redis.RedisError:
        REDIS_FALLBACKS.labels("broker_pacing").inc()
        _local_turns.hold(_key(broker, api_key), seconds * 1000)


def _key(broker: str, api_key: str) -> str:
    """Redis is not told API keys, which are half of a secret."""
    digest = sha256(f"gatehouse.pacing:{broker}:{api_key}".encode()).hexdigest()
    return redis_connection.key("pacing", broker, digest[:32])


class LocalTurns:
    """The same arithmetic in memory, bounded to the most recently used keys."""

    LARGEST = 10_000

    def __init__(self) -> None:
        self._taken_up: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str, interval: float, burst: int, longest: float) -> tuple[int, float]:
        now = time.monotonic() * 1000
        with self._lock:
            taken_up = max(now, self._taken_up.get(key, 0.0))
            wait = max(0.0, taken_up - now - (burst - 1) * interval)
            if wait > longest:
                return 0, wait
            self._put(key, taken_up + interval)
        return 1, wait

    def hold(self, key: str, milliseconds: float) -> None:
        with self._lock:
            until = time.monotonic() * 1000 + milliseconds
            self._put(key, max(until, self._taken_up.get(key, 0.0)))

    def _put(self, key: str, moment: float) -> None:
        self._taken_up[key] = moment
        self._taken_up.move_to_end(key)
        if len(self._taken_up) > self.LARGEST:
            self._taken_up.popitem(last=False)


_local_turns = LocalTurns()


@cache
def _script(text: str) -> Script:
    script: Any = redis_connection.client().register_script(text)
    return script  # type: ignore[no-any-return]
