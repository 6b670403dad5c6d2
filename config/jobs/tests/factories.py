"""Jobs in every state, and tasks that do them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.utils import timezone
from factory.django import DjangoModelFactory

from config.http.principal import Principal
from config.http.problems import ConflictError
from config.jobs.models import Job, JobState
from config.jobs.running import JobRun, job_task

ASHA = Principal(type="user", id="usr_01h455vb4pex5vsknk084sn02q")
TICKER = Principal(type="service", id="ticker")


class SoldOutError(ConflictError):
    """Nothing is left of what the test asked for."""

    slug = "test-sold-out"
    title = "It is sold out"


@shared_task(name="jobs.tests.record")
def record(job_id: str, **arguments: Any) -> None:
    """Notes that it was called, and leaves the job to the test."""
    calls.append((job_id, arguments))


calls: list[tuple[str, dict[str, Any]]] = []


@job_task(name="jobs.tests.count")
def count(run: JobRun, *, upto: int) -> Mapping[str, Any]:
    """Counts, going on from where an earlier attempt got to."""
    for step in range(run.done, upto):
        run.report_progress(step + 1, upto)
    return {"counted": upto - run.done, "attempt": run.attempt}


class JobFactory(DjangoModelFactory[Job]):
    """A queued job of Asha's, sent a moment ago."""

    class Meta:
        model = Job

    kind = "tests.count"
    task = count.name
    arguments: Mapping[str, Any] = {"upto": 3}
    owner_type = ASHA.type
    owner_id = ASHA.id
    sent_at = timezone.now()


def running(**fields: Any) -> Job:
    """A job in a worker's hand, for another hour unless told otherwise."""
    now = timezone.now()
    held = {"attempts": 1, "started_at": now, "lease_expires_at": now + timedelta(hours=1)}
    return JobFactory.create(state=JobState.RUNNING, **(held | fields))


def succeeded(**fields: Any) -> Job:
    now = timezone.now()
    ended = {"attempts": 1, "started_at": now, "finished_at": now}
    return JobFactory.create(state=JobState.SUCCEEDED, **(ended | fields))


def failed(**fields: Any) -> Job:
    now = timezone.now()
    ended = {"started_at": now, "finished_at": now, "error": "it broke"}
    return JobFactory.create(state=JobState.FAILED, **(ended | fields))
