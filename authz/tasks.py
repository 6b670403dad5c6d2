"""Celery tasks: a line each, into services."""

from collections.abc import Mapping
from typing import Any

from celery import shared_task

from authz.services import decision_records, drafts, roles, trials
from config.jobs.running import JobRun, job_task


@shared_task
def close_expired_grants() -> int:
    """Write down the role grants that have run out; they have counted for nothing since that moment."""
    return roles.close_expired()


@shared_task
def prune_decision_records() -> int:
    """Delete the decision records that are past their time."""
    return decision_records.prune()


@shared_task
def forget_policy_drafts() -> int:
    """Delete the drafts of policies that are past their time."""
    return drafts.forget_old()


@job_task()
def try_policy_draft(run: JobRun, *, draft_id: str) -> Mapping[str, Any]:
    return trials.work(run, draft_id=draft_id)
