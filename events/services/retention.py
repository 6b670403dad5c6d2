"""How long the outbox remembers what it has sent, and webhooks what they delivered."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from config.bulk import delete_in_batches, doomed
from events.metrics import WEBHOOK_DELIVERIES
from events.models import DeliveryState, OutboxEvent, WebhookAttempt, WebhookDelivery


def prune_outbox() -> int:
    """Delete what was sent longer than `outbox_retention` ago; returns how many rows. What is pending stays,
    however old, and what a delivery of a webhook still speaks of."""
    limit = timezone.now() - timedelta(seconds=settings.ENVIRONMENT.outbox_retention)
    expired = OutboxEvent.objects.sent_before(limit).undelivered().order_by("sent_at")
    return delete_in_batches(expired)


def give_up_deliveries() -> int:
    """Make dead letters of deliveries whose time is over without a last try, since their endpoint is disabled or left
    alone; returns how many."""
    now = timezone.now()
    given_up = WebhookDelivery.objects.given_up(now).update(
        state=DeliveryState.DEAD, finished_at=now, lease=None, leased_until=None, updated_at=now
    )
    WEBHOOK_DELIVERIES.labels("dead").inc(given_up)
    return given_up


def prune_deliveries() -> int:
    """Delete deliveries that ended longer than `webhook_log_retention` ago, with their attempts; returns how many."""
    limit = timezone.now() - timedelta(seconds=settings.ENVIRONMENT.webhook_log_retention)
    expired = WebhookDelivery.objects.finished_before(limit).order_by("finished_at")
    deleted = 0
    for ids in doomed(expired):
        WebhookAttempt.objects.filter(delivery__in=ids).delete()
        deleted += WebhookDelivery.objects.filter(id__in=ids).delete()[0]
    return deleted
