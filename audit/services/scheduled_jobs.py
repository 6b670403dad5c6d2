"""Running an entry of the schedule before its time."""

from importlib import import_module
from typing import Any

from celery import Task, current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from audit.errors import NotByHandError, WorkersAwayError
from audit.events import JobRunByHand
from config.jobs import run_log
from config.jobs.schedule import registered
from config.jobs.scheduled import ScheduledJob
from events.domain import emit


def may_run_by_hand(job: ScheduledJob) -> bool:
    """Whether it is ours, and does no harm at another time than its own."""
    entry = registered().get(job.name)
    return entry is not None and entry.by_hand and entry.task == job.task


def run_now(*, job: ScheduledJob) -> None:
    """Send it to the workers once, whether it is switched on or not.

    Raises NotByHandError, and WorkersAwayError when no message can be sent.
    """
    if not may_run_by_hand(job):
        raise NotByHandError
    headers = {run_log.NAME: job.name, run_log.BY_HAND: True}
    try:
        with transaction.atomic():
            emit(JobRunByHand(job=job.name))
            _task_of(job).apply_async(headers=headers, retry=False)
    except OperationalError:
        raise WorkersAwayError from None


def _task_of(job: ScheduledJob) -> "Task[..., Any]":
    """Only workers load every module of tasks; here that of this one is."""
    import_module(job.task.rpartition(".")[0])
    return current_app.tasks[job.task]
