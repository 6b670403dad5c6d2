"""Celery's doors into the services of this floor."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.utils import timezone

from audit.services import (
    chaining,
    checkpoints,
    exports,
    partitions,
    retention,
    verification,
)
from config.jobs.running import JobRun, job_task


@shared_task
def ensure_partitions_ahead() -> list[str]:
    """Make the months to come; returns those that were missing."""
    return [str(month) for month in partitions.ensure_ahead()]


@shared_task
def drop_expired_partitions() -> list[str]:
    """Drop the months that are past their time; returns those."""
    return [str(month) for month in partitions.drop_expired()]


@shared_task
def forget_expired_links() -> int:
    """Delete what the chains say of months that were dropped; returns how many links."""
    return retention.forget_expired_links()


@shared_task
def chain_waiting() -> int:
    """Give new rows their place; returns how many."""
    return chaining.chain_waiting()


@shared_task
def verify_recent() -> int:
    """Verify yesterday and today; returns how many findings there are."""
    yesterday = (timezone.now() - timedelta(days=1)).date()
    return verification.verify(since=yesterday).findings.total


@shared_task
def sign_checkpoint() -> list[int]:
    """Sign what the chains are; returns the numbers of the checkpoints."""
    return [checkpoint.number for checkpoint in checkpoints.sign_all()]


@job_task()
def export_trail(run: JobRun, *, export_id: str) -> Mapping[str, Any]:
    return exports.write(run, export_id=export_id)


@shared_task
def forget_expired_exports() -> int:
    """Delete exports that cannot be fetched any more; returns how many."""
    return exports.forget_expired()
