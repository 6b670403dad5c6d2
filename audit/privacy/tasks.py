"""Celery's doors into the services of privacy."""

from typing import Any

from celery import shared_task

from audit.privacy.services import exports
from config.jobs.running import JobRun, job_task


@job_task()
def build_archive(run: JobRun, *, request: str) -> dict[str, Any]:
    return exports.make(request_id=request, report=run.report_progress)


@shared_task
def forget_spent_archives() -> int:
    return exports.forget_spent()
