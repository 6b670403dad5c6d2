"""The process's one connection pool to Redis, and the prefix that all our keys share."""

from collections.abc import Sequence
from functools import cache
from typing import Any

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


Command = tuple[Any, ...]


def round_trip(commands: Sequence[Command]) -> list[Any]:
    """The answers to several commands that are sent together; an error that one of them got stands in its place.

    What a pipeline does, at half of its cost: for those who ask at every request. Raises `redis.RedisError` when Redis
    is away. A connection that the server had closed is replaced once, so a command may run twice.
    """
    pool = client().connection_pool
    try:
        return _exchange(pool, commands)
    except redis.ConnectionError:
        return _exchange(pool, commands)


def _exchange(pool: Any, commands: Sequence[Command]) -> list[Any]:
    connection = pool.get_connection()
    try:
        connection.send_packed_command(connection.pack_commands(commands))
        return [_answer(connection) for _ in commands]
    except BaseException:
        connection.disconnect()  # answers that nobody has read must not reach the next one who asks
        raise
    finally:
        pool.release(connection)


def _answer(connection: Any) -> Any:
    try:
        return connection.read_response()
    except redis.ResponseError as error:
        return error


def evaluate(script: Any, *, keys: Sequence[str], arguments: Sequence[Any]) -> Command:
    """The command that runs a registered script which the server has already; else its answer is a NoScriptError."""
    return ("EVALSHA", script.sha, len(keys), *keys, *arguments)
