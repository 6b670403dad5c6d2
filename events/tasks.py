"""Celery's doors into the services of this floor."""

from celery import shared_task

from events.services import retention


@shared_task
def prune_outbox() -> int:
    """Delete sent rows that are past their time."""
    return retention.prune_outbox()


@shared_task
def give_up_deliveries() -> int:
    """Deliveries past their time become dead letters."""
    return retention.give_up_deliveries()


@shared_task
def prune_deliveries() -> int:
    """Delete finished deliveries that are past their time."""
    return retention.prune_deliveries()
