"""From an event to a delivery for every webhook that wants it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from events import subscribers
from events.events import WebhookPinged
from events.models import OutboxEvent, Webhook, WebhookDelivery

CHANNEL = "webhooks"  # of LISTEN and NOTIFY
PING = WebhookPinged.full_type()


def fan_out(rows: Sequence[OutboxEvent]) -> int:
    """Make the deliveries of events that are being sent, in the transaction that marks them sent; returns how many.

    A webhook that has a delivery of an event gets no second one, however often a relay sends the event.
    """
    webhooks = Webhook.objects.enabled_and_kept()
    if not webhooks or not rows:
        return 0
    allowed = subscribers.entitled({webhook.owner for webhook in webhooks})
    made = make(rows, [webhook for webhook in webhooks if webhook.owner in allowed])
    if made:
        wake_dispatchers()
    return made


def make(rows: Collection[OutboxEvent], webhooks: Iterable[Webhook]) -> int:
    """The deliveries that `rows` and `webhooks` call for; returns how many, those there before included."""
    now = timezone.now()
    give_up = now + timedelta(seconds=settings.ENVIRONMENT.webhook_retry_for)
    deliveries = [
        WebhookDelivery(webhook=webhook, event=row, next_attempt_at=now, give_up_at=give_up)
        for webhook in webhooks
        for row in rows
        if _is_for(row, webhook)
    ]
    WebhookDelivery.objects.bulk_create(deliveries, ignore_conflicts=True, batch_size=1000)
    return len(deliveries)


def wake_dispatchers() -> None:
    """Once the transaction has committed; on its own, for the reason that `outbox.wake_relays` gives."""
    if not any(callback is _notify for _, callback, *_ in connection.run_on_commit):
        transaction.on_commit(_notify, robust=True)


def _notify() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")


def _is_for(row: OutboxEvent, webhook: Webhook) -> bool:
    """A ping is for the webhook that it is about; nothing is for a webhook that was made later."""
    if row.event_type == PING:
        return row.aggregate_id == webhook.public_id
    return row.created_at >= webhook.created_at and webhook.wants(row.event_type)
