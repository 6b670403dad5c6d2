"""From a request to a worker and back, through the real broker."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from celery import Celery, shared_task, signals
from celery.contrib.testing.worker import start_worker
from django.conf import settings
from django.db import connection

from accounts.tests.factories import UserFactory
from config.http import context
from config.http.context import RequestContext, acting
from config.http.principal import Principal
from config.jobs.models import JobState
from config.jobs.services import enqueue
from config.jobs.tests.factories import ASHA, count
from config.jobs.tests.fragile import die_once
from config.settings.sections.section import PROJECT_ROOT

pytestmark = pytest.mark.django_db(transaction=True)
LONG = 60  # seconds; never waited for when all is well


@shared_task(name="jobs.tests.whoami")
def whoami() -> None:
    overheard.append(context.current())


overheard: list[RequestContext] = []


@pytest.fixture
def task_ended(broker: Celery) -> Iterator[threading.Event]:
    """Set when a worker, running in this process beside the test, has finished a task."""
    ended = threading.Event()

    def tell(**_: Any) -> None:
        ended.set()

    signals.task_postrun.connect(tell)
    with start_worker(broker, queues=["default"], perform_ping_check=False):
        yield ended
    signals.task_postrun.disconnect(tell)


def test_a_job_is_sent_done_and_read_by_its_owner(
    task_ended: threading.Event, api: Callable[..., Any]
) -> None:
    person = UserFactory.create()
    owner = Principal(type="user", id=person.public_id)

    job = enqueue(kind="tests.count", task=count, owner=owner, arguments={"upto": 4})
    assert task_ended.wait(LONG)

    body = api(person).get(f"/v1/jobs/{job.public_id}").json()
    assert (body["state"], body["done"], body["total"]) == ("succeeded", 4, 4)
    assert body["result"] == {"counted": 4, "attempt": 1}


def test_the_context_of_the_request_reaches_the_worker(task_ended: threading.Event) -> None:
    asked = RequestContext(
        request_id="req-1", actor_type="user", actor_id=ASHA.id, ip="203.0.113.7"
    )

    with acting(asked):
        whoami.delay()
    assert task_ended.wait(LONG)

    assert overheard.pop() == asked


@contextmanager
def fragile_worker(prefix: str) -> Iterator[Iterator[dict[str, Any]]]:
    """The log lines of a worker with processes of its own, on the test's database and queue."""
    database = urlsplit(settings.DATABASE_URL)._replace(path=f"/{connection.settings_dict['NAME']}")
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "DATABASE_URL": database.geturl(),
        "FRAGILE_PREFIX": prefix,
    }
    command = ["celery", "-A", "config", "worker", "--include", "config.jobs.tests.fragile"]
    worker = subprocess.Popen(
        [sys.executable, "-m", *command, "--queues", "default", "--concurrency", "1"],
        cwd=PROJECT_ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    try:
        yield (json.loads(line) for line in worker.stdout if line.startswith("{"))
    finally:
        worker.terminate()
        worker.communicate(timeout=LONG)


def test_a_job_whose_worker_is_killed_is_taken_up_where_it_was(broker: Celery) -> None:
    job = enqueue(kind="tests.die_once", task=die_once, owner=ASHA, arguments={"steps": 5})
    prefix = broker.conf.broker_transport_options["global_keyprefix"]

    with fragile_worker(prefix) as lines:
        ended = next(line for line in lines if line["event"] == "task")

    assert (ended["task"], ended["state"]) == (die_once.name, "SUCCESS")
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.SUCCEEDED, 2)
    assert job.result == {"attempt": 2, "started_at": 1}
