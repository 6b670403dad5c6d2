"""The process's one connection to Redis, and the prefix that all our keys share.

Behind it may be one server, the one that Sentinels name, or a cluster. So a script or a transaction keeps to keys of
one hash tag (`{stamps}`), and starts at `at_home`; what need not be one step uses `round_trip`.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import redis
from django.conf import settings

from config.redis.cluster import at_home
from config.redis.opening import open_client
from config.redis.sending import Command, exchange
from config.redis.sentinels import patience_of

__all__ = [
    "PREFIX",
    "Command",
    "answers",
    "at_home",
    "client",
    "evaluate",
    "key",
    "patience_of",
    "round_trip",
]

PREFIX = "gatehouse:"


@cache
def client() -> "redis.Redis":
    """A thread-safe client. Answers are bytes; it gives up within a second, so that callers can fall back.

    Calls raise `redis.RedisError` when Redis is away, and so does this one while no cluster has been found yet.
    """
    return open_client(settings.REDIS_URL)


def key(*parts: str) -> str:
    """`gatehouse:<part>:<part>…`"""
    return PREFIX + ":".join(parts)


def round_trip(commands: Sequence[Command]) -> list[Any]:
    """The answers to several commands that are sent together; an error that one of them got stands in its place.

    For those who ask at every request. Each command has its key, or the first of its keys, after its name. Raises
    `redis.RedisError` when Redis is away. A connection that the server had closed is replaced once, so a command may
    run twice.
    """
    return exchange(client(), commands)


def answers(commands: Sequence[Command]) -> list[Any]:
    """As `round_trip`, for whoever needs all of them: raises the first error that is among them."""
    found = round_trip(commands)
    for answer in found:
        if isinstance(answer, Exception):
            raise answer
    return found


def evaluate(script: Any, *, keys: Sequence[str], arguments: Sequence[Any]) -> Command:
    """The command that runs a registered script which the server has already; else its answer is a NoScriptError."""
    return ("EVALSHA", script.sha, len(keys), *keys, *arguments)
