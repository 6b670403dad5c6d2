"""Tasks that are jobs: what a worker does around the work itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

import structlog
from celery import Task, shared_task
from celery.exceptions import SoftTimeLimitExceeded

from config.http.problems import ProblemError
from config.jobs import services
from config.jobs.errors import JobNotRunningError

logger = structlog.get_logger(__name__)

UNFORESEEN = "something went wrong on our side"
TOO_LONG = "it took too long"


@dataclass(frozen=True, kw_only=True)
class JobRun:
    """One attempt at a job. `done` of `total` is what an earlier attempt got through."""

    job_id: str
    attempt: int
    done: int
    total: int

    def report_progress(self, done: int, total: int | None = None) -> None:
        """Raises JobNotRunningError when another worker has taken the job over: stop then."""
        services.report_progress(self.job_id, done, total, attempt=self.attempt)


Body = Callable[..., Mapping[str, Any] | None]


def job_task(**options: Any) -> "Callable[[Body], Task[..., None]]":
    """Make a Celery task, with Celery's `options`, out of `body(run: JobRun, **arguments)`.

    `config.jobs.services.enqueue` sends it. What the body returns is the job's result. A ProblemError that it raises
    fails the job with the error's title; any other exception with a general reason, and Celery logs it. A task
    whose job is in hand elsewhere, or has ended, does nothing.
    """

    def decorate(body: Body) -> "Task[..., None]":
        @wraps(body)
        def run_job(task: "Task[..., None]", job_id: str, **arguments: Any) -> None:
            redelivered = bool((task.request.delivery_info or {}).get("redelivered"))
            job = services.start(job_id, redelivered=redelivered)
            if job is None:
                logger.info("job_not_ours", job_id=job_id)
                return
            run = JobRun(job_id=job_id, attempt=job.attempts, done=job.done, total=job.total)
            _attempt(run, body, arguments)

        # The task's own signature is ours, not the body's.
        del run_job.__wrapped__
        return cast("Task[..., None]", shared_task(bind=True, **options)(run_job))  # type: ignore[no-untyped-call]

    return decorate


def _attempt(run: JobRun, body: Body, arguments: Mapping[str, Any]) -> None:
    try:
        result = body(run, **arguments)
    except JobNotRunningError:
        logger.warning("job_lost", job_id=run.job_id, attempt=run.attempt)
    except ProblemError as error:
        services.fail(run.job_id, error.title, attempt=run.attempt)
    except SoftTimeLimitExceeded:
        services.fail(run.job_id, TOO_LONG, attempt=run.attempt)
        raise
    except Exception:
        services.fail(run.job_id, UNFORESEEN, attempt=run.attempt)
        raise
    else:
        services.succeed(run.job_id, result, attempt=run.attempt)
