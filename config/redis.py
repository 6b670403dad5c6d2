"""The process's one connection pool to Redis, and the prefix that all our keys share."""

from functools import cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry

PREFIX = "gatehouse:"


@cache
def client() -> "redis.Redis":
    """A thread-safe client. Answers are bytes; it gives up within a second, so that callers can fall back.

    Calls raise `redis.RedisError` when Redis is away.
    """
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=0.5,
        socket_timeout=1.0,
        retry=Retry(NoBackoff(), 1),
        health_check_interval=30,
        maint_notifications_config=MaintNotificationsConfig(enabled=False),  # Valkey has none
    )


def key(*parts: str) -> str:
    """`gatehouse:<part>:<part>…`"""
    return PREFIX + ":".join(parts)
