"""Making a job and sending it."""

from collections.abc import Callable
from typing import Any

import pytest
from celery import Celery
from django.db import transaction

from config.http.context import RequestContext, acting
from config.jobs.models import Job, JobState
from config.jobs.services import enqueue
from config.jobs.tests.factories import ASHA, TICKER, record

pytestmark = pytest.mark.django_db
Sent = list[tuple[str, dict[str, Any]]]
Capture = Callable[..., Any]


def make(**fields: Any) -> Job:
    given: dict[str, Any] = {"kind": "tests.record", "task": record, "owner": ASHA, "arguments": {}}
    return enqueue(**(given | fields))


def test_a_job_waits_for_a_worker_under_its_owners_name() -> None:
    with acting(RequestContext(request_id="req-1")):
        job = make(total=7, arguments={"account_id": "acc_1"})

    job.refresh_from_db()
    assert job.public_id.startswith("job_")
    assert (job.state, job.done, job.total) == (JobState.QUEUED, 0, 7)
    assert (job.owner_type, job.owner_id) == ("user", ASHA.id)
    assert (job.task, job.arguments) == ("jobs.tests.record", {"account_id": "acc_1"})
    assert job.request_id == "req-1"


def test_the_task_is_sent_once_the_transaction_has_committed(
    sent: Sent, django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = make(arguments={"account_id": "acc_1"})
        assert sent == []

    assert sent == [(job.public_id, {"account_id": "acc_1"})]
    job.refresh_from_db()
    assert job.sent_at is not None


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_transaction_fails_is_never_sent(sent: Sent) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        make()
        raise RuntimeError

    assert sent == []
    assert not Job.objects.exists()


def test_a_service_and_gatehouse_itself_own_jobs_too() -> None:
    assert (make(owner=TICKER).owner_type, make(owner=TICKER).owner_id) == ("service", "ticker")
    assert (make(owner=None).owner_type, make(owner=None).owner_id) == ("system", "")


@pytest.mark.parametrize("name", ["password", "api_secret", "access_token", "job_id"])
def test_a_secret_cannot_travel_in_a_job(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        make(arguments={name: "x"})

    assert not Job.objects.exists()


def test_a_job_that_the_broker_does_not_take_stays_queued(
    no_broker: Celery, django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = make()

    job.refresh_from_db()
    assert job.state == JobState.QUEUED
    assert job.sent_at is None
