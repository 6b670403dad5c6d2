"""Celery's doors into the services of this floor."""

from celery import shared_task

from audit.services import partitions


@shared_task
def ensure_partitions_ahead() -> list[str]:
    """Make the months to come; returns those that were missing."""
    return [str(month) for month in partitions.ensure_ahead()]


@shared_task
def drop_expired_partitions() -> list[str]:
    """Drop the months that are past their time; returns those."""
    return [str(month) for month in partitions.drop_expired()]
