"""Writes down how runs of the schedule go: the worker tells by Celery's signals, which come in pairs in one thread."""

from typing import Any
from uuid import UUID

from celery import Task, signals
from django.utils import timezone

from config.jobs.scheduled import RunOutcome, ScheduledRun

NAME, BY_HAND = "periodic_task_name", "run_by_hand"  # of a message: beat sends the first

# The row of a task that runs here, by the task's id.
_running: dict[str, UUID] = {}


def connect() -> None:
    """Listen to Celery; called once, when models are ready. What a receiver raises stops no task: Celery logs it."""
    signals.task_prerun.connect(begin, dispatch_uid="config.jobs.run_log.begin")
    signals.task_postrun.connect(end, dispatch_uid="config.jobs.run_log.end")


def begin(task_id: str, task: "Task[..., Any]", **_: Any) -> None:
    headers = task.request.headers or {}
    if name := headers.get(NAME):
        run = ScheduledRun.objects.create(name=name, by_hand=bool(headers.get(BY_HAND)))
        _running[task_id] = run.pk


def end(task_id: str, state: str | None = None, **_: Any) -> None:
    if key := _running.pop(task_id, None):
        outcome = RunOutcome.SUCCEEDED if state == "SUCCESS" else RunOutcome.FAILED
        ScheduledRun.objects.filter(pk=key).update(
            outcome=outcome, finished_at=timezone.now(), updated_at=timezone.now()
        )
