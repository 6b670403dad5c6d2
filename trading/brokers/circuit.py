"""A circuit breaker for each broker, shared by every worker.

After `circuit_failures` calls in a row without an answer, by whichever workers, nobody asks for `circuit_cooldown`
seconds. Then one call is let through to see: an answer closes the circuit, none opens it again. It is kept in Redis;
with Redis away it counts as closed.
"""

import time
from functools import cache
from typing import Any

import redis
import structlog
from django.conf import settings
from redis.commands.core import Script

from config import redis as redis_connection
from config.http.metrics import REDIS_FALLBACKS
from trading.brokers.base import CircuitOpenError
from trading.metrics import CIRCUIT_CHANGES

log = structlog.get_logger(__name__)

# KEYS[1]: a hash of `failures`, `open_until` and `probe_until` (ms). ARGV: how long (ms) a probe may take.
# Returns ms until the next call may come; 0 lets this one through.
ADMIT = """
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local state = redis.call('HMGET', KEYS[1], 'open_until', 'probe_until')
local open_until, probe_until = tonumber(state[1]), tonumber(state[2])
if not open_until then return 0 end
if ms < open_until then return open_until - ms end
if probe_until and ms < probe_until then return probe_until - ms end
redis.call('HSET', KEYS[1], 'probe_until', ms + tonumber(ARGV[1]))
return 0
"""

# ARGV: the failures that open it, ms that it stays open, ms after which failures are forgotten.
# Returns 1 when this failure opened it, 0 when it was open already or is still closed.
FAIL = """
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
local open_until = redis.call('HGET', KEYS[1], 'open_until')
local opened = 0
if open_until or failures >= tonumber(ARGV[1]) then
    redis.call('HSET', KEYS[1], 'open_until', ms + tonumber(ARGV[2]))
    redis.call('HDEL', KEYS[1], 'probe_until')
    if not open_until then opened = 1 end
end
redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[2]) + tonumber(ARGV[3]))
return opened
"""

# Returns 1 when this answer closed it.
ANSWER = """
local was_open = redis.call('HEXISTS', KEYS[1], 'open_until')
redis.call('DEL', KEYS[1])
return was_open
"""

PROBE = 30_000  # ms: longer than the time-outs of one call
MEMORY = 600_000  # ms: failures that lie further apart are not in a row


def admit(broker: str) -> None:
    """Go on when the broker may be asked now. Raises CircuitOpenError, which says when to come again."""
    wait = _run(ADMIT, broker, PROBE)
    if wait:
        raise CircuitOpenError(retry_after=wait / 1000)


def failed(broker: str) -> None:
    """A call got no answer."""
    environment = settings.ENVIRONMENT
    cooldown = int(environment.circuit_cooldown * 1000)
    if _run(FAIL, broker, environment.circuit_failures, cooldown, MEMORY):
        CIRCUIT_CHANGES.labels(broker, "open").inc()
        log.warning("trading.broker_circuit_opened", broker=broker)


def answered(broker: str) -> None:
    """A call got an answer, be it a refusal."""
    if _run(ANSWER, broker):
        CIRCUIT_CHANGES.labels(broker, "closed").inc()
        log.info("trading.broker_circuit_closed", broker=broker)


def is_open(broker: str) -> bool:
    """Whether the broker is left alone, or is just being probed. False when Redis is away."""
    try:
        return bool(redis_connection.client().hexists(_key(broker), "open_until"))
    except redis.RedisError:
        return False


def is_resting(broker: str) -> bool:
    """Whether nobody may ask at all: not even to see whether it answers again. False when Redis is away."""
    try:
        until = redis_connection.client().hget(_key(broker), "open_until")
    except redis.RedisError:
        return False
    return until is not None and time.time() * 1000 < int(until)


def forget(broker: str) -> None:
    """Close it and forget all failures. Raises redis.RedisError."""
    redis_connection.client().delete(_key(broker))


def _run(text: str, broker: str, *arguments: int) -> int:
    try:
        return int(
            _script(text)(
                keys=[_key(broker)], args=list(arguments), client=redis_connection.client()
            )
        )
    except redis.RedisError:
        REDIS_FALLBACKS.labels("broker_circuit").inc()
        return 0


def _key(broker: str) -> str:
    return redis_connection.key("circuit", broker)


@cache
def _script(text: str) -> Script:
    script: Any = redis_connection.client().register_script(text)
    return script  # type: ignore[no-any-return]
