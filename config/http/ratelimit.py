"""Rate limits: token buckets in Redis, and what the caller is told of them.

Headers: `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers), and the older `X-RateLimit-*`.
"""

import hashlib
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import redis
import structlog
from django.conf import settings
from redis.commands.core import Script
from rest_framework.request import Request

from config import redis as redis_connection
from config.http import context
from config.http.client_ip import household_of, network_of
from config.http.metrics import RATE_LIMITED, REDIS_FALLBACKS
from config.http.principal import Principal
from config.http.problems import RateLimitedError
from config.redis import Command

log = structlog.get_logger(__name__)

# One bucket: KEYS[1]; ARGV: capacity, tokens a millisecond. Returns {taken, tokens left (floor), ms until one more}.
TAKE = """
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local capacity, rate = tonumber(ARGV[1]), tonumber(ARGV[2])
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = math.min(capacity, (tonumber(bucket[1]) or capacity) + (ms - (tonumber(bucket[2]) or ms)) * rate)
local taken = 0
if tokens >= 1 then tokens = tokens - 1; taken = 1 end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', ms)
redis.call('PEXPIRE', KEYS[1], math.ceil(capacity / rate) + 1000)
return {taken, math.floor(tokens), math.max(0, math.ceil((1 - tokens) / rate))}
"""


def by_ip(request: Request) -> str:
    """A bucket for each IPv4 address and each IPv6 /64. Peers without an address share a bucket."""
    return household_of(context.current().ip)


def by_network(request: Request) -> str:
    """A bucket for each IPv4 /24 and each IPv6 /48: for what one attacker spreads over neighbouring addresses."""
    return network_of(context.current().ip)


def by_caller(request: Request) -> str:
    """A bucket for each authenticated caller, or for the address of a stranger."""
    return request.auth.subject if isinstance(request.auth, Principal) else by_ip(request)


@dataclass(frozen=True, kw_only=True)
class RateLimit:
    """At most `limit` requests in `period` seconds for each `key(request)`, refilled evenly."""

    name: str
    limit: int
    period: int
    key: Callable[[Request], str] = by_ip

    @property
    def rate(self) -> float:
        """Tokens a millisecond."""
        return self.limit / (self.period * 1000)


@dataclass(frozen=True)
class Usage:
    """What one bucket answered."""

    policy: RateLimit
    allowed: bool
    remaining: int
    wait_ms: int

    @property
    def retry_after(self) -> int:
        """Whole seconds until the next request may come."""
        return max(1, math.ceil(self.wait_ms / 1000))


def take(policy: RateLimit, key: str) -> Usage:
    """Take one token. With Redis away a bucket of this process decides: stricter or laxer, never open."""
    try:
        answer = _script()(
            keys=[_bucket(policy, key)], args=_terms(policy), client=redis_connection.client()
        )
    except redis.RedisError:
        return _taken_here(policy, key)
    return _usage(policy, answer)


def _taken_here(policy: RateLimit, key: str) -> Usage:
    REDIS_FALLBACKS.labels("rate_limit").inc()
    return _usage(policy, _local_buckets.take(policy, key))


def taking(policy: RateLimit, key: str) -> Command:
    """`take` as a command, for whoever sends Redis several; its answer is for `taken`."""
    return redis_connection.evaluate(
        _script(), keys=[_bucket(policy, key)], arguments=_terms(policy)
    )


def taken(policy: RateLimit, key: str, answer: Any) -> Usage:
    """What came of `taking`. When nothing did (Redis was not asked, or failed), the token is taken now."""
    if isinstance(answer, list):
        return _usage(policy, answer)
    return take(policy, key)


def enforce(request: Request, policies: Sequence[RateLimit]) -> list[Usage]:
    """Take a token of every policy, in one round trip. Raises RateLimitedError, headers and all, when one has none
    left.
    """
    buckets = [(policy, policy.key(request)) for policy in policies]
    try:
        answers = redis_connection.round_trip([taking(*bucket) for bucket in buckets])
    except redis.RedisError:
        return demand([_taken_here(*bucket) for bucket in buckets])
    return demand([taken(*bucket, answer) for bucket, answer in zip(buckets, answers, strict=True)])


def demand(usages: list[Usage]) -> list[Usage]:
    """Go on only when every bucket had a token. Raises RateLimitedError."""
    refused = [usage for usage in usages if not usage.allowed]
    if refused:
        worst = max(refused, key=lambda usage: usage.wait_ms)
        RATE_LIMITED.labels(worst.policy.name).inc()
        raise RateLimitedError(
            f"The limit is {worst.policy.limit} in {worst.policy.period} seconds.",
            headers={"Retry-After": str(worst.retry_after), **headers(usages)},
        )
    return usages


def limit_of_everybody(*, service: bool) -> RateLimit:
    """The limit that holds for each caller at every address of the API."""
    environment = settings.ENVIRONMENT
    return _limit_of_everybody(
        environment.service_requests_per_minute if service else environment.requests_per_minute
    )


@cache
def _limit_of_everybody(limit: int) -> RateLimit:
    return RateLimit(name="api", limit=limit, period=60, key=by_caller)


def _bucket(policy: RateLimit, key: str) -> str:
    """Nobody's address is kept by name, and one cannot be found by trying all: the hash is keyed."""
    digest = hashlib.blake2b(key.encode(), key=_bucket_key(), digest_size=16)
    return redis_connection.key("ratelimit", policy.name, digest.hexdigest())


@cache
def _bucket_key() -> bytes:
    return hashlib.sha256(b"rate limits:" + settings.SECRET_KEY.encode()).digest()


def _terms(policy: RateLimit) -> list[Any]:
    return [policy.limit, repr(policy.rate)]


def _usage(policy: RateLimit, answer: Sequence[int]) -> Usage:
    taken, left, wait = answer
    return Usage(policy, bool(taken), int(left), int(wait))


def headers(usages: Sequence[Usage]) -> dict[str, str]:
    """The headers that tell the caller where it stands; the older ones speak of the tightest policy."""
    if not usages:
        return {}
    tightest = min(usages, key=lambda usage: usage.remaining / usage.policy.limit)
    return {
        "RateLimit-Policy": ", ".join(
            f'"{u.policy.name}";q={u.policy.limit};w={u.policy.period}' for u in usages
        ),
        "RateLimit": ", ".join(
            f'"{u.policy.name}";r={u.remaining};t={u.retry_after}' for u in usages
        ),
        "X-RateLimit-Limit": str(tightest.policy.limit),
        "X-RateLimit-Remaining": str(tightest.remaining),
        "X-RateLimit-Reset": str(tightest.retry_after),
    }


class LocalBuckets:
    """The same arithmetic in memory, bounded to the most recently used buckets."""

    LARGEST = 10_000

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, policy: RateLimit, key: str) -> tuple[int, int, int]:
        now = self._clock() * 1000
        with self._lock:
            tokens, at = self._buckets.pop((policy.name, key), (float(policy.limit), now))
            tokens = min(policy.limit, tokens + (now - at) * policy.rate)
            taken = int(tokens >= 1)
            tokens -= taken
            self._buckets[policy.name, key] = (tokens, now)
            if len(self._buckets) > self.LARGEST:
                self._buckets.popitem(last=False)
        return taken, math.floor(tokens), max(0, math.ceil((1 - tokens) / policy.rate))


_local_buckets = LocalBuckets()


@cache
def _script() -> Script:
    """Of no client: commands are written before anybody knows whether Redis, or a cluster of it, is there."""
    return Script(cast("redis.Redis", None), TAKE.encode())
