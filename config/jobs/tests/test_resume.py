"""Jobs that fell between two stools are sent again."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from celery import Celery, shared_task
from django.utils import timezone

from config.http import context
from config.jobs.models import Job, JobState
from config.jobs.services import lease, resume_abandoned, succeed
from config.jobs.tasks import resume_abandoned as task
from config.jobs.tests.factories import JobFactory, record, running, succeeded

pytestmark = pytest.mark.django_db
Sent = list[tuple[str, dict[str, Any]]]


@shared_task(name="jobs.tests.finish_other")
def finish_other(job_id: str, other_id: str) -> None:
    succeed(other_id)


def long_ago() -> datetime:
    return timezone.now() - lease() - timedelta(minutes=5)


def abandoned(**fields: Any) -> Job:
    """A job that was given to a worker that has died."""
    gone = {"task": record.name, "sent_at": long_ago(), "lease_expires_at": long_ago()}
    return running(started_at=long_ago(), **(gone | fields))


def test_a_job_that_was_never_sent_is_sent(sent: Sent) -> None:
    job = JobFactory.create(task=record.name, sent_at=None)
    Job.objects.filter(pk=job.pk).update(created_at=long_ago())

    assert task.apply().get() == 1

    assert sent == [(job.public_id, {"upto": 3})]
    job.refresh_from_db()
    assert job.sent_at is not None


def test_a_job_that_the_broker_lost_is_sent_again(sent: Sent) -> None:
    JobFactory.create(task=record.name, sent_at=long_ago())

    assert resume_abandoned() == 1
    assert len(sent) == 1


def test_a_job_whose_worker_died_is_sent_again_and_not_every_minute(sent: Sent) -> None:
    abandoned()

    assert resume_abandoned() == 1
    assert resume_abandoned() == 0
    assert len(sent) == 1


def test_jobs_in_good_hands_are_left_alone(sent: Sent) -> None:
    JobFactory.create(task=record.name, sent_at=None)  # just made: being sent
    JobFactory.create(task=record.name, sent_at=timezone.now())
    running(task=record.name, sent_at=long_ago())
    succeeded(task=record.name, sent_at=long_ago())

    assert resume_abandoned() == 0
    assert sent == []


def test_it_is_sent_in_the_name_of_who_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[context.RequestContext] = []
    monkeypatch.setattr(record, "apply_async", lambda **_: seen.append(context.current()))
    job = abandoned(request_id="req-1")

    resume_abandoned()

    assert (seen[0].request_id, seen[0].actor_type) == ("req-1", "user")
    assert seen[0].actor_id == job.owner_id
    assert context.current() == context.SYSTEM


def test_a_job_over_which_too_many_workers_died_has_failed(sent: Sent, environment: Any) -> None:
    environment(job_max_attempts=2)
    job = abandoned(attempts=2)

    resume_abandoned()

    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "every attempt" in job.error
    assert sent == []


def test_a_job_that_ends_meanwhile_has_not_failed(environment: Any) -> None:
    environment(job_max_attempts=2)
    first = abandoned(task=finish_other.name, arguments={})
    other = abandoned(attempts=2)
    Job.objects.filter(pk=first.pk).update(arguments={"other_id": other.public_id})

    assert resume_abandoned() == 2

    other.refresh_from_db()
    assert other.state == JobState.SUCCEEDED


def test_a_task_that_we_do_not_know_waits_for_one_who_does(sent: Sent) -> None:
    unknown = abandoned(task="jobs.tests.from_the_future")
    known = abandoned()

    assert resume_abandoned() == 2

    assert [job_id for job_id, _ in sent] == [known.public_id]
    unknown.refresh_from_db()
    assert unknown.state == JobState.RUNNING


def test_while_the_broker_is_away_nothing_is_tried_in_vain(
    no_broker: Celery,
) -> None:
    for _ in range(3):
        abandoned()

    assert resume_abandoned() == 1
