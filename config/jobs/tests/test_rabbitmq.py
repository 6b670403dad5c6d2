"""RabbitMQ as Celery's broker: quorum queues, sending that is confirmed, and a task whose worker died comes again."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from celery import Celery
from django.conf import settings as django_settings

from config.jobs import queues
from config.settings.celery_broker import QUEUES, celery
from tests.rabbitmq import PROGRAM, RabbitMQ, rabbitmq
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(not PROGRAM, reason="no rabbitmq-server here: apt-get install it")

TASKS = '''
import os, sys, time
from pathlib import Path
from celery import Celery
from config.settings.celery_broker import celery

app = Celery("tasks")
for name, value in celery(os.environ["BROKER"], longest_task=60).items():
    app.conf[name.removeprefix("CELERY_").lower()] = value
app.conf.update(task_acks_late=True, task_reject_on_worker_lost=True, worker_prefetch_multiplier=1,
                task_ignore_result=True, task_default_queue="default", task_create_missing_queues=False)

@app.task(name="work")
def work(folder):
    """Writes down who began it; the first never ends."""
    began = Path(folder) / "began"
    first = not began.exists()
    with began.open("a") as file:
        file.write(f"{os.getpid()} {os.getppid()}\\n")
    while first:
        time.sleep(1)
    (Path(folder) / "ended").touch()
'''


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitMQ]:
    with rabbitmq(tmp_path_factory.mktemp("rabbitmq")) as server:
        yield server


@pytest.fixture
def sender(broker: RabbitMQ, monkeypatch: pytest.MonkeyPatch) -> Iterator[Celery]:
    """What this process sends tasks with."""
    app = Celery("sender", set_as_current=False)
    for name, value in celery(broker.url, longest_task=60).items():
        app.conf[name.removeprefix("CELERY_").lower()] = value
    app.conf.update(task_default_queue="default", task_create_missing_queues=False)
    monkeypatch.setattr(queues, "current_app", app)
    with app:
        yield app


@contextmanager
def worker(broker: RabbitMQ, folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    (folder / "tasks.py").write_text(TASKS)
    command = "celery --quiet -A tasks worker --pool prefork --concurrency 1 --without-gossip --without-mingle"
    with (folder / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command.split(), "--queues", ",".join(QUEUES)],
            cwd=folder,
            env=os.environ | {"BROKER": broker.url, "PYTHONPATH": str(django_settings.BASE_DIR)},
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def waiting() -> dict[str, int]:
    (family,) = queues.queue_facts()
    return {sample.labels["queue"]: int(sample.value) for sample in family.samples}


def test_tasks_wait_in_quorum_queues_and_are_counted(sender: Celery) -> None:
    for queue in QUEUES:
        sender.send_task("nobody.does.this", queue=queue)
    sender.send_task("nobody.does.this", queue="mail")
    assert waiting() == dict.fromkeys(QUEUES, 1) | {"mail": 2}
    with sender.connection_for_write() as connection:
        for each in sender.conf.task_queues:
            queue = each(connection.default_channel)
            queue.declare()  # RabbitMQ refuses to declare it as of another type
            queue.purge()
            assert queue.queue_arguments == {"x-queue-type": "quorum"}
        assert connection.connection.confirm_publish


def test_the_probe_tells_which_broker_answers(sender: Celery) -> None:
    told = queues.broker()
    assert told["kind"] == "amqp"
    assert told["version"]


def test_a_task_whose_worker_is_killed_is_done_by_the_next(
    broker: RabbitMQ, sender: Celery, tmp_path: Path
) -> None:
    sender.send_task("work", [str(tmp_path)])
    with worker(broker, tmp_path) as first:
        wait_until((tmp_path / "began").exists, "the task begun")
        child = int((tmp_path / "began").read_text().split()[0])
        first.kill()
        os.kill(child, 9)
    with worker(broker, tmp_path):
        wait_until((tmp_path / "ended").exists, "the task done")
    assert len((tmp_path / "began").read_text().splitlines()) == 2


def test_a_delayed_task_waits_in_the_broker_and_not_in_a_worker(
    broker: RabbitMQ, sender: Celery, tmp_path: Path
) -> None:
    (tmp_path / "began").touch()  # so that it ends at once
    with worker(broker, tmp_path):
        sender.send_task("work", [str(tmp_path)])
        wait_until((tmp_path / "ended").exists, "a worker that has declared what delays need")
        (tmp_path / "ended").unlink()
        sender.send_task("work", [str(tmp_path)], countdown=2)
        assert waiting()["default"] == 0
        wait_until((tmp_path / "ended").exists, "the delayed task done")


def test_a_broker_that_is_away_is_said_and_hides_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = Celery("nobody", set_as_current=False)
    for name, value in celery("amqp://127.0.0.1:1//", longest_task=60).items():
        app.conf[name.removeprefix("CELERY_").lower()] = value
    monkeypatch.setattr(queues, "current_app", app)
    assert list(queues.queue_facts()) == []
    with pytest.raises(OSError, match="refused"):
        queues.broker()
