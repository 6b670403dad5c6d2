"""The life of a job: queued, started by a worker, and ended with a result or a reason.

A worker calls `start`, perhaps `report_progress`, and `succeed` or `fail`; tasks made with
`config.jobs.running.job_task` have that done for them.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

import structlog
from celery import Task, current_app
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from config.http import context
from config.http.context import ActorType, RequestContext
from config.http.principal import Principal
from config.jobs.errors import JobNotFoundError, JobNotRunningError
from config.jobs.metrics import JOB_DURATION
from config.jobs.models import Job, JobState, OwnerType
from config.telemetry.redaction import is_secret_key, redact_text

logger = structlog.get_logger(__name__)


def enqueue(
    *,
    kind: str,
    task: "Task[..., Any]",
    owner: Principal | None,
    total: int = 0,
    arguments: Mapping[str, Any],
) -> Job:
    """Make a job and, once the transaction has committed, send `task` to the workers.

    The task is called with `job_id`, the job's public id, and `arguments`, which are JSON values without
    secrets: they are stored and travel through the broker. `owner` None means Gatehouse itself. When the broker
    is away the job stays queued, and is sent when it is back.
    Raises ValueError for an argument that is called `job_id` or named like a secret.
    """
    refused = [name for name in arguments if name == "job_id" or is_secret_key(name)]
    if refused:
        raise ValueError(f"a job cannot carry {', '.join(refused)}")
    job = Job.objects.create(
        kind=kind,
        task=task.name,
        arguments=dict(arguments),
        total=total,
        owner_type=owner.type if owner else OwnerType.SYSTEM,
        owner_id=owner.id if owner else "",
        request_id=context.current().request_id,
    )
    transaction.on_commit(lambda: send(job))
    return job


def send(job: Job) -> bool:
    """Hand the job to the workers; False when the broker cannot be reached."""
    try:
        current_app.tasks[job.task].apply_async(
            kwargs={"job_id": job.public_id, **job.arguments}, retry=False
        )
    except OperationalError:
        logger.warning("job_not_sent", job_id=job.public_id, kind=job.kind)
        return False
    Job.objects.filter(pk=job.pk).update(sent_at=timezone.now())
    return True


def start(job_id: str, *, redelivered: bool = False) -> Job | None:
    """Take the job in hand, or None when another worker holds it or it has ended: then there is nothing to do.

    A job whose worker died can be started again once its lease is over, or at once when the broker says that it
    delivered the message again (`redelivered`), which it does only after the task's time is over or its worker lost.
    `Job.attempts` of the answer is the number of this attempt.
    Raises JobNotFoundError.
    """
    with transaction.atomic():
        job = _locked(job_id)
        now = timezone.now()
        expired = job.lease_expires_at is not None and job.lease_expires_at < now
        if job.ended or (job.state == JobState.RUNNING and not (expired or redelivered)):
            return None
        job.state = JobState.RUNNING
        job.attempts += 1
        job.started_at = job.started_at or now
        job.lease_expires_at = now + lease()
        job.save()
        return job


def report_progress(
    job_id: str, done: int, total: int | None = None, *, attempt: int | None = None
) -> None:
    """Say that `done` of `total` steps are finished, and hold the job for another lease.

    With `attempt`, only if the job is still that attempt's.
    Raises JobNotFoundError, JobNotRunningError, and ValueError when more is done than there is.
    """
    with transaction.atomic():
        job = _running(job_id, attempt)
        job.done, job.total = done, job.total if total is None else total
        if not 0 <= job.done <= job.total:
            raise ValueError(f"{job.done} steps done of {job.total}")
        job.lease_expires_at = timezone.now() + lease()
        job.save()


def succeed(
    job_id: str, result: Mapping[str, Any] | None = None, *, attempt: int | None = None
) -> None:
    """End the job well. `result` is JSON for its owner to read.

    Raises JobNotFoundError, JobNotRunningError.
    """
    with transaction.atomic():
        job = _running(job_id, attempt)
        job.done = job.total
        job.result = None if result is None else dict(result)
        _end(job, JobState.SUCCEEDED)


def fail(job_id: str, reason: str, *, attempt: int | None = None) -> None:
    """End the job, running or still queued, with a reason that its owner may read: our words, not an exception's.

    Raises JobNotFoundError, JobNotRunningError, and TypeError for an exception in place of a reason.
    """
    if not isinstance(reason, str):
        raise TypeError("a reason is a text that we wrote ourselves")
    with transaction.atomic():
        job = _locked(job_id)
        if job.ended or attempt not in (None, job.attempts):
            raise JobNotRunningError
        longest = Job._meta.get_field("error").max_length
        job.error = redact_text(reason)[:longest] or "failed"
        _end(job, JobState.FAILED)


def resume_abandoned() -> int:
    """Send again what no worker has: jobs that the broker never took or lost, and those whose worker died.

    One that has been tried `job_max_attempts` times has failed. Returns how many there were.
    """
    now = timezone.now()
    grace = timedelta(seconds=settings.ENVIRONMENT.job_resend_after)
    jobs = Job.objects.abandoned(at=now, unsent_since=now - grace, sent_before=now - lease())
    count = 0
    for job in jobs.order_by("id").iterator():
        count += 1
        if job.attempts >= settings.ENVIRONMENT.job_max_attempts:
            _give_up(job, "it ended without a word in every attempt")
        elif job.task not in current_app.tasks:  # perhaps a newer version of us knows it
            logger.error("job_task_unknown", job_id=job.public_id, task=job.task)
        else:
            with context.acting(_context_of(job)):
                if not send(job):
                    break
    return count


def lease() -> timedelta:
    """How long a worker holds a job that it does not speak of: as long as any task may run."""
    environment = settings.ENVIRONMENT
    return timedelta(seconds=environment.task_time_limit + environment.task_cleanup_time)


def _locked(job_id: str) -> Job:
    job = Job.objects.select_for_update().with_public_id(job_id).first()
    if job is None:
        raise JobNotFoundError
    return job


def _running(job_id: str, attempt: int | None) -> Job:
    job = _locked(job_id)
    if job.state != JobState.RUNNING or attempt not in (None, job.attempts):
        raise JobNotRunningError
    return job


def _end(job: Job, state: JobState) -> None:
    job.state = state
    job.finished_at = timezone.now()
    job.lease_expires_at = None
    job.save()
    began = job.started_at or job.created_at
    seconds = (job.finished_at - began).total_seconds()
    transaction.on_commit(lambda: JOB_DURATION.labels(job.kind, state.value).observe(seconds))


def _give_up(job: Job, reason: str) -> None:
    logger.error("job_given_up", job_id=job.public_id, kind=job.kind, attempts=job.attempts)
    try:
        fail(job.public_id, reason, attempt=job.attempts)
    except JobNotRunningError:
        logger.info("job_ended_meanwhile", job_id=job.public_id)


def _context_of(job: Job) -> RequestContext:
    """The context of the request that asked for the job, as far as the job remembers it."""
    actor_type = cast("ActorType", job.owner_type)  # a subset of them, held by a constraint
    return RequestContext(request_id=job.request_id, actor_type=actor_type, actor_id=job.owner_id)
