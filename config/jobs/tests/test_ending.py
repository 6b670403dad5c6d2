"""Progress, success and failure."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from prometheus_client import REGISTRY

from config.jobs.errors import JobNotRunningError
from config.jobs.models import Job, JobState
from config.jobs.services import fail, report_progress, succeed
from config.jobs.tests.factories import JobFactory, failed, running, succeeded

pytestmark = pytest.mark.django_db


def duration_count(state: str) -> float:
    labels = {"kind": "tests.count", "state": state}
    return REGISTRY.get_sample_value("gatehouse_job_duration_seconds_count", labels) or 0


def test_progress_is_kept_and_prolongs_the_lease() -> None:
    soon = timezone.now() + timedelta(seconds=1)
    job = running(lease_expires_at=soon)

    report_progress(job.public_id, 2, 5)
    report_progress(job.public_id, 3)

    job.refresh_from_db()
    assert (job.done, job.total) == (3, 5)
    assert job.lease_expires_at is not None
    assert job.lease_expires_at > soon


@pytest.mark.parametrize(("done", "total"), [(6, 5), (-1, 5), (1, None)])
def test_more_than_all_cannot_be_done(done: int, total: int | None) -> None:
    job = running()

    with pytest.raises(ValueError, match="steps done of"):
        report_progress(job.public_id, done, total)

    job.refresh_from_db()
    assert job.done == 0


def test_success_completes_the_count_and_keeps_the_result() -> None:
    job = running(done=2, total=5)

    succeed(job.public_id, {"rows": 5})

    job.refresh_from_db()
    assert (job.state, job.done, job.result) == (JobState.SUCCEEDED, 5, {"rows": 5})
    assert job.finished_at is not None
    assert job.lease_expires_at is None


def test_a_job_may_succeed_without_a_result() -> None:
    job = running()

    succeed(job.public_id)

    job.refresh_from_db()
    assert job.result is None


def test_failure_keeps_our_reason_and_what_was_done() -> None:
    job = running(done=2, total=5)

    fail(job.public_id, "The broker did not answer.")

    job.refresh_from_db()
    assert (job.state, job.done) == (JobState.FAILED, 2)
    assert job.error == "The broker did not answer."
    assert job.result is None


def test_a_job_may_fail_before_it_starts() -> None:
    job = JobFactory.create()

    fail(job.public_id, "Nobody can do this.")

    job.refresh_from_db()
    assert (job.state, job.started_at) == (JobState.FAILED, None)


def test_a_reason_is_searched_for_secrets_and_bounded() -> None:
    job = running()

    fail(job.public_id, "password=hunter2 " + "at length " * 100)

    job.refresh_from_db()
    assert job.error.startswith("password=[redacted] at length")
    assert len(job.error) == 500


def test_a_reason_is_never_empty() -> None:
    job = running()

    fail(job.public_id, "")

    job.refresh_from_db()
    assert job.error == "failed"


def test_an_exception_is_no_reason() -> None:
    with pytest.raises(TypeError):
        fail(running().public_id, ValueError("x"))  # type: ignore[arg-type]


Ending = Callable[[str], None]
ENDINGS: dict[str, Any] = {
    "progress": lambda job_id, **more: report_progress(job_id, 1, 2, **more),
    "success": lambda job_id, **more: succeed(job_id, {}, **more),
    "failure": lambda job_id, **more: fail(job_id, "late", **more),
}


@pytest.mark.parametrize("say", ENDINGS.values(), ids=ENDINGS.keys())
@pytest.mark.parametrize("ended", [succeeded, failed])
def test_after_the_end_nothing_changes(say: Any, ended: Callable[[], Job]) -> None:
    job = ended()

    with pytest.raises(JobNotRunningError):
        say(job.public_id)

    assert Job.objects.get(pk=job.pk).updated_at == job.updated_at


@pytest.mark.parametrize("say", ENDINGS.values(), ids=ENDINGS.keys())
def test_a_worker_that_lost_the_job_has_no_say(say: Any) -> None:
    job = running(attempts=2)

    with pytest.raises(JobNotRunningError):
        say(job.public_id, attempt=1)

    say(job.public_id, attempt=2)


@pytest.mark.parametrize("say", ["progress", "success"])
def test_a_queued_job_neither_advances_nor_succeeds(say: str) -> None:
    with pytest.raises(JobNotRunningError):
        ENDINGS[say](JobFactory.create().public_id)


def test_its_duration_is_counted_by_outcome(
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    good, bad = duration_count("succeeded"), duration_count("failed")

    with django_capture_on_commit_callbacks(execute=True):
        succeed(running().public_id)
        fail(JobFactory.create().public_id, "no")

    assert duration_count("succeeded") == good + 1
    assert duration_count("failed") == bad + 1
