"""From the outbox to Redis: one batch at a time, in order within each aggregate, at least once."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import redis
from django.conf import settings
from django.db import transaction

from config.redis import key
from events.envelope import encode
from events.metrics import RELAY_DURATION, RELAYED
from events.models import OutboxEvent

STREAM = key("events")
CHANNEL_PREFIX = "user_service."


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """What became of one batch. `held_back` rows wait for an earlier one that another relay has in hand."""

    sent: int = 0
    failed: int = 0
    held_back: int = 0
    error: str = ""


def relay_batch(*, client: "redis.Redis", limit: int) -> Batch:
    """Send up to `limit` pending events and mark them sent, in one transaction.

    Killed at any point it leaves them pending, and the next relay sends them again with the same ids. When Redis
    does not take them, they stay too: `failed` and `error` say so, and the rows keep the error.
    """
    started = time.perf_counter()
    with transaction.atomic():
        claimed = list(OutboxEvent.objects.claim(limit))
        rows = _sendable(claimed)
        if not rows:
            return Batch(held_back=len(claimed))
        ids = [row.id for row in rows]
        try:
            _publish(client, rows)
        except redis.RedisError as error:
            reason = f"{type(error).__name__}: {error}"
            OutboxEvent.objects.mark_failed(ids, reason)
            batch = Batch(failed=len(rows), error=reason)
        else:
            OutboxEvent.objects.mark_sent(ids)
            batch = Batch(sent=len(rows), held_back=len(claimed) - len(rows))
    _count(rows, batch, time.perf_counter() - started)
    return batch


def _sendable(claimed: Sequence[OutboxEvent]) -> list[OutboxEvent]:
    """Those of `claimed` with nothing earlier of their aggregate still pending elsewhere.

    A second look, newer than the one that claimed them: an earlier event that is pending in it is in the hands of
    another relay (SKIP LOCKED stepped over it), and what follows it must wait. None can appear later, because the
    sequence of an aggregate follows its commits.
    """
    if not claimed:
        return []
    oldest = OutboxEvent.objects.oldest_left_out(claimed)
    return [
        row
        for row in claimed
        if row.aggregate not in oldest or (row.sequence or 0) < oldest[row.aggregate]
    ]


def _publish(client: "redis.Redis", rows: Collection[OutboxEvent]) -> None:
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


def _count(rows: Collection[OutboxEvent], batch: Batch, seconds: float) -> None:
    outcome = "sent" if batch.sent else "failed"
    for row in rows:
        RELAYED.labels(type=row.event_type, outcome=outcome).inc()
    RELAY_DURATION.labels(outcome=outcome).observe(seconds)
