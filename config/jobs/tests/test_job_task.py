"""Tasks that are jobs: what happens around the work."""

from collections.abc import Callable
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from config.jobs import services
from config.jobs.models import Job, JobState
from config.jobs.running import JobRun, job_task
from config.jobs.services import enqueue
from config.jobs.tests.factories import ASHA, JobFactory, SoldOutError, count, running

pytestmark = pytest.mark.django_db
Body = Callable[..., dict[str, Any] | None]


def run(job: Job, task: Any, **options: Any) -> Job:
    task.apply(kwargs={"job_id": job.public_id, **job.arguments}, throw=False, **options)
    job.refresh_from_db()
    return job


def task_of(body: Body) -> Any:
    return job_task(name=f"jobs.tests.{body.__name__}")(body)


def test_what_the_body_returns_is_the_result() -> None:
    job = run(JobFactory.create(), count)

    assert (job.state, job.done, job.total) == (JobState.SUCCEEDED, 3, 3)
    assert job.result == {"counted": 3, "attempt": 1}


def test_enqueue_sends_it_with_its_arguments(
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = enqueue(kind="tests.count", task=count, owner=ASHA, arguments={"upto": 2})

    job.refresh_from_db()
    assert job.result == {"counted": 2, "attempt": 1}


def test_an_attempt_goes_on_from_where_the_last_one_got() -> None:
    job = running(done=2, total=3)

    services.start(job.public_id, redelivered=True)
    Job.objects.filter(pk=job.pk).update(lease_expires_at=job.created_at)

    assert run(job, count).result == {"counted": 1, "attempt": 3}


def test_a_foreseen_error_gives_its_title_as_the_reason() -> None:
    def sell(run: JobRun, **_: Any) -> None:
        raise SoldOutError("the secret supplier said no")

    job = run(JobFactory.create(), task_of(sell))

    assert (job.state, job.error) == (JobState.FAILED, "It is sold out")


def test_an_unforeseen_error_tells_nothing_of_itself_and_is_logged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def crash(run: JobRun, **_: Any) -> None:
        raise RuntimeError("password=hunter2")

    job = run(JobFactory.create(), task_of(crash))

    assert (job.state, job.error) == (JobState.FAILED, "something went wrong on our side")
    logged = capsys.readouterr().out
    assert "RuntimeError: password=[redacted]" in logged
    assert "hunter2" not in logged


def test_a_body_that_runs_out_of_time_says_so() -> None:
    def dawdle(run: JobRun, **_: Any) -> None:
        raise SoftTimeLimitExceeded

    assert run(JobFactory.create(), task_of(dawdle)).error == "it took too long"


def test_a_job_in_hand_elsewhere_is_left_alone() -> None:
    ran: list[str] = []

    def note(run: JobRun, **_: Any) -> None:
        ran.append(run.job_id)

    job = running()
    before = job.updated_at

    assert run(job, task_of(note)).updated_at == before
    assert ran == []


def test_an_attempt_that_was_overtaken_leaves_the_job_to_the_other() -> None:
    def be_overtaken(run: JobRun, **_: Any) -> dict[str, Any]:
        services.start(run.job_id, redelivered=True)
        run.report_progress(1, 2)
        return {"by": "the slow one"}

    job = run(JobFactory.create(), task_of(be_overtaken))

    assert (job.state, job.attempts, job.done) == (JobState.RUNNING, 2, 0)


def test_an_attempt_that_was_overtaken_at_the_end_leaves_it_too() -> None:
    def be_overtaken_late(run: JobRun, **_: Any) -> dict[str, Any]:
        services.start(run.job_id, redelivered=True)
        return {"by": "the slow one"}

    job = run(JobFactory.create(), task_of(be_overtaken_late))

    assert (job.state, job.result) == (JobState.RUNNING, None)
