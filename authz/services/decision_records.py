"""How long decisions are remembered."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from authz.models import DecisionRecord

BATCH = 5_000  # rows deleted in one statement: locks stay short


def prune() -> int:
    """Delete what was decided longer than `decision_retention` ago; returns how many rows."""
    limit = timezone.now() - timedelta(seconds=settings.ENVIRONMENT.decision_retention)
    expired = DecisionRecord.objects.until(limit).order_by("decided_at")
    deleted = 0
    while ids := list(expired.values_list("id", flat=True)[:BATCH]):
        deleted += DecisionRecord.objects.filter(id__in=ids).delete()[0]
    return deleted
