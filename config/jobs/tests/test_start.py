"""Taking a job in hand: one worker at a time."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from config.jobs.errors import JobNotFoundError
from config.jobs.models import Job, JobState
from config.jobs.services import lease, start
from config.jobs.tests.factories import JobFactory, failed, running, succeeded

pytestmark = pytest.mark.django_db
AGO = timezone.now() - timedelta(seconds=5)


def test_a_queued_job_is_started() -> None:
    before = timezone.now()

    job = start(JobFactory.create().public_id)

    assert job is not None
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.RUNNING, 1)
    assert job.started_at is not None
    assert job.started_at >= before
    assert job.lease_expires_at is not None
    assert job.lease_expires_at >= before + lease()


def test_a_message_that_comes_twice_starts_it_once() -> None:
    job = JobFactory.create()

    assert start(job.public_id) is not None
    assert start(job.public_id) is None


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_at_once_one_gets_it() -> None:
    job = JobFactory.create()
    gate = threading.Barrier(8)
    won: list[Job] = []

    def try_to() -> None:
        try:
            gate.wait(timeout=30)
            if taken := start(job.public_id):
                won.append(taken)
        finally:
            connection.close()

    threads = [threading.Thread(target=try_to) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1
    job.refresh_from_db()
    assert job.attempts == 1


def test_a_job_whose_worker_died_is_taken_up_where_it_was() -> None:
    job = running(done=2, total=5, lease_expires_at=AGO, started_at=AGO)

    again = start(job.public_id)

    assert again is not None
    assert (again.attempts, again.done, again.total) == (2, 2, 5)
    assert again.started_at == AGO


def test_a_job_that_is_delivered_again_is_taken_up_at_once() -> None:
    again = start(running().public_id, redelivered=True)

    assert again is not None
    assert again.attempts == 2


@pytest.mark.parametrize("ended", [succeeded, failed])
@pytest.mark.parametrize("redelivered", [True, False])
def test_a_job_that_has_ended_is_not_started_again(ended: type[Job], redelivered: bool) -> None:
    assert start(ended().public_id, redelivered=redelivered) is None


@pytest.mark.parametrize("job_id", ["job_01h455vb4pex5vsknk084sn02q", "job_nonsense", "usr_1", ""])
def test_there_is_no_such_job(job_id: str) -> None:
    with pytest.raises(JobNotFoundError):
        start(job_id)
