"""Celery's doors into the services of this floor."""

from celery import shared_task

from events.services import retention


@shared_task
def prune_outbox() -> int:
    """Delete sent rows that are past their time."""
    return retention.prune_outbox()
