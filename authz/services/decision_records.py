"""How long decisions are remembered."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from authz.models import DecisionRecord
from config.bulk import delete_in_batches


def prune() -> int:
    """Delete what was decided longer than `decision_retention` ago; returns how many rows."""
    limit = timezone.now() - timedelta(seconds=settings.ENVIRONMENT.decision_retention)
    expired = DecisionRecord.objects.until(limit).order_by("decided_at")
    return delete_in_batches(expired)
