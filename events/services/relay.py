"""From the outbox to Redis: one batch at a time, in order within each aggregate, at least once."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import redis
from django.db import transaction

from config.locking import together
from events.metrics import RELAY_DURATION, RELAYED
from events.models import OutboxEvent
from events.services.publishing import CHANNEL_PREFIX, RELAYS, STREAM, Published, publish
from events.services.webhooks.fan_out import fan_out

__all__ = ["CHANNEL_PREFIX", "STREAM", "Batch", "relay_batch"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """What became of one batch. `held_back` rows wait for an earlier one: another relay has it in hand, or Redis
    refused it.
    """

    sent: int = 0
    failed: int = 0
    refused: int = 0
    held_back: int = 0
    error: str = ""


def relay_batch(*, client: "redis.Redis", limit: int, server: str | None = None) -> Batch:
    """Send up to `limit` pending events, make their deliveries to webhooks and mark them sent, in one transaction.

    With `server`, to that one alone: another may have forgotten what went before (`StreamComparison`).

    Killed at any point it leaves them pending, and the next relay sends them again with the same ids. When Redis
    does not take them, they stay too: `failed` and `error` say so, and the rows keep the error. Those that Redis
    refuses while it takes others are `refused`; after `relay_attempts` of that they are set aside.
    """
    started = time.perf_counter()
    with transaction.atomic():
        together(RELAYS)
        claimed = list(OutboxEvent.objects.claim(limit))
        rows = _sendable(claimed)
        if not rows:
            return Batch(held_back=len(claimed))
        done = publish(client, rows, server=server)
        OutboxEvent.objects.mark_sent([row.id for row in done.sent])
        fan_out(done.sent)
        for row, reason in done.refused:
            OutboxEvent.objects.mark_refused([row.id], reason)
        OutboxEvent.objects.mark_failed([row.id for row in done.failed], done.error)
    batch = Batch(
        sent=len(done.sent),
        failed=len(done.failed),
        refused=len(done.refused),
        held_back=len(claimed) - len(done.sent) - len(done.failed) - len(done.refused),
        error=done.error,
    )
    _count(done, time.perf_counter() - started)
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


def _count(done: Published, seconds: float) -> None:
    for outcome, rows in (
        ("sent", done.sent),
        ("failed", done.failed),
        ("refused", [row for row, _ in done.refused]),
    ):
        for row in rows:
            RELAYED.labels(type=row.event_type, outcome=outcome).inc()
    RELAY_DURATION.labels(outcome="failed" if done.error else "sent").observe(seconds)
