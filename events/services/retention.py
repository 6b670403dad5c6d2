"""How long the outbox remembers what it has sent."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from events.models import OutboxEvent

BATCH = 5_000  # rows deleted in one statement: locks stay short


def prune_outbox() -> int:
    """Delete what was sent longer than `outbox_retention` ago; returns how many rows. What is pending stays,
    however old."""
    limit = timezone.now() - timedelta(seconds=settings.ENVIRONMENT.outbox_retention)
    expired = OutboxEvent.objects.sent_before(limit).order_by("sent_at")
    deleted = 0
    while ids := list(expired.values_list("id", flat=True)[:BATCH]):
        deleted += OutboxEvent.objects.filter(id__in=ids).delete()[0]
    return deleted
