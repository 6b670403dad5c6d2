"""Onto the stream and to Pub/Sub: all of a batch at once, or one by one when Redis refuses something in it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import redis
from django.conf import settings

from config.redis import key
from events.envelope import encode
from events.models import OutboxEvent

STREAM = key("events")
CONTROL = key("events", "control")
CHANNEL_PREFIX = "user_service."

OutOfOrder = (redis.exceptions.OutOfMemoryError, redis.exceptions.ReadOnlyError)
# What is said of a command, not of Redis itself, and what cannot even be written down. Some of Redis' own troubles come
# like that too (MISCONF): see `_takes_others`.
Refusal = (redis.ResponseError, redis.DataError, ValueError, TypeError)


@dataclass(kw_only=True, slots=True)
class Published:
    """What became of each row; rows that are in none of the lists wait for a refused one of their aggregate."""

    sent: list[OutboxEvent] = field(default_factory=list)
    refused: list[tuple[OutboxEvent, str]] = field(default_factory=list)
    failed: list[OutboxEvent] = field(default_factory=list)
    error: str = ""


def publish(client: "redis.Redis", rows: Sequence[OutboxEvent]) -> Published:
    """Send `rows` in their order. Nothing is raised when Redis is away or refuses: the answer says so."""
    try:
        _send(client, rows)
    except OutOfOrder as error:
        return Published(failed=list(rows), error=_told(error))
    except Refusal:
        return _one_by_one(client, rows)
    except redis.RedisError as error:
        return Published(failed=list(rows), error=_told(error))
    return Published(sent=list(rows))


def _one_by_one(client: "redis.Redis", rows: Sequence[OutboxEvent]) -> Published:
    """Find the row that Redis does not take. Those after it go on, unless they are of its aggregate.

    Some of the batch may be on the stream by now and are sent a second time, which readers expect.
    """
    done = Published()
    for index, row in enumerate(rows):
        if any(row.aggregate == refused.aggregate for refused, _ in done.refused):
            continue
        try:
            _send(client, [row])
        except (redis.RedisError, *Refusal) as error:
            if not isinstance(error, Refusal) or not _takes_others(client):
                done.failed, done.error = list(rows[index:]), _told(error)
                return done
            done.refused.append((row, _told(error)))
        else:
            done.sent.append(row)
    return done


def _send(client: "redis.Redis", rows: Sequence[OutboxEvent]) -> None:
    """Stream and Pub/Sub in one MULTI: a Redis that refuses one event (no memory, say) takes none after it."""
    keep_from = int((time.time() - settings.ENVIRONMENT.stream_retention) * 1000)
    with client.pipeline(transaction=True) as pipeline:
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
        with client.pipeline(transaction=True) as pipeline:
            pipeline.xlen(STREAM)
            pipeline.xadd(CONTROL, {"type": "control"}, maxlen=1, approximate=False)
            pipeline.execute()
    except redis.RedisError:
        return False
    return True


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
