"""Onto the stream and to Pub/Sub: all of a batch at once, or one by one when Redis refuses something in it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import redis
from django.conf import settings

from config.redis import at_home, key
from events.envelope import encode
from events.models import OutboxEvent

STREAM = key("events")
# Both have the stream's hash tag, so that a cluster keeps them where it is.
CONTROL = key("events", f"control{{{STREAM}}}")
GUARD = key(
    "events", f"guard{{{STREAM}}}"
)  # never written: watched, it ties a batch to its connection
CHANNEL_PREFIX = "user_service."
RELAYS = "events.relay"  # the lock that relays share, and that a comparison has alone

OutOfOrder = (redis.exceptions.OutOfMemoryError, redis.exceptions.ReadOnlyError)
# What is said of a command, not of Redis itself, and what cannot even be written down. Some of Redis' own troubles come
# like that too (MISCONF): see `_takes_others`.
Refusal = (redis.ResponseError, redis.DataError, ValueError, TypeError)


class AnotherServerError(redis.RedisError):
    """Redis was restarted or replaced since the stream was compared with the outbox."""

    def __init__(self) -> None:
        super().__init__("another server than the one whose stream was compared")


@dataclass(kw_only=True, slots=True)
class Published:
    """What became of each row; rows that are in none of the lists wait for a refused one of their aggregate."""

    sent: list[OutboxEvent] = field(default_factory=list)
    refused: list[tuple[OutboxEvent, str]] = field(default_factory=list)
    failed: list[OutboxEvent] = field(default_factory=list)
    error: str = ""


def publish(
    client: "redis.Redis", rows: Sequence[OutboxEvent], *, server: str | None = None
) -> Published:
    """Send `rows` in their order, to `server` alone if one is named. Nothing is raised when Redis is away or refuses:
    the answer says so.
    """
    try:
        _send(client, rows, server)
    except OutOfOrder as error:
        return Published(failed=list(rows), error=_told(error))
    except Refusal:
        return _one_by_one(client, rows, server)
    except redis.RedisError as error:
        return Published(failed=list(rows), error=_told(error))
    return Published(sent=list(rows))


def server_of(client: Any) -> str:
    """What names the server that has the stream: another one each time that it starts, and that it is put in charge."""
    with at_home(client, STREAM) as home:
        return _name_of(home)


def _name_of(home: Any) -> str:
    told = home.info("server", "replication")
    return f"{told['run_id']} {told['master_replid']}"


def _one_by_one(
    client: "redis.Redis", rows: Sequence[OutboxEvent], server: str | None
) -> Published:
    """Find the row that Redis does not take. Those after it go on, unless they are of its aggregate.

    Some of the batch may be on the stream by now and are sent a second time, which readers expect.
    """
    done = Published()
    for index, row in enumerate(rows):
        if any(row.aggregate == refused.aggregate for refused, _ in done.refused):
            continue
        try:
            _send(client, [row], server)
        except (redis.RedisError, *Refusal) as error:
            if not isinstance(error, Refusal) or not _takes_others(client):
                done.failed, done.error = list(rows[index:]), _told(error)
                return done
            done.refused.append((row, _told(error)))
        else:
            done.sent.append(row)
    return done


def _send(client: "redis.Redis", rows: Sequence[OutboxEvent], server: str | None) -> None:
    """Stream and Pub/Sub in one MULTI: a Redis that refuses one event (no memory, say) takes none after it.

    Raises AnotherServerError; and WatchError when the connection breaks, where a new one would lead to another server.
    """
    keep_from = int((time.time() - settings.ENVIRONMENT.stream_retention) * 1000)
    with at_home(client, STREAM) as home, home.pipeline(transaction=True) as pipeline:
        if server is not None:
            pipeline.watch(GUARD)  # type: ignore[no-untyped-call]
            if _name_of(pipeline) != server:
                raise AnotherServerError
            pipeline.multi()
        for row in rows:
            event = encode(row)
            pipeline.xadd(
                STREAM,
                {"type": row.event_type, "event": event},
                minid=keep_from,
                approximate=True,
            )
            pipeline.publish(CHANNEL_PREFIX + row.channel, event)
        pipeline.execute()


def _takes_others(client: "redis.Redis") -> bool:
    """Whether the stream is in order and Redis takes a small entry just now: then a refusal is the row's own fault.

    No memory, a disk that is full, a replica that must not be written to: all of them refuse this one too.
    """
    try:
        with at_home(client, STREAM) as home, home.pipeline(transaction=True) as pipeline:
            pipeline.xlen(STREAM)
            pipeline.xadd(CONTROL, {"type": "control"}, maxlen=1, approximate=False)
            pipeline.execute()
    except redis.RedisError:
        return False
    return True


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
