"""Celery's tasks behind Sentinels, in kombu's own way."""

from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery

from config.settings.celery_broker import celery
from tests.valkeys import BehindSentinels, wait_for


@pytest.fixture
def app(group: BehindSentinels) -> Iterator[Celery]:
    app = Celery("behind sentinels", set_as_current=False)
    for name, value in celery(group.url, longest_task=60).items():
        app.conf[name.removeprefix("CELERY_").lower()] = value
    app.conf.update(task_default_queue="default", task_create_missing_queues=False)
    with app:
        yield app


def received(app: Celery) -> list[Any]:
    """What waits in the queue for mails, taken out of it."""
    names = []
    with app.connection_for_read() as connection:
        queue = app.conf.task_queues[-1](connection.default_channel)
        while message := queue.get():
            message.ack()
            names.append(message.headers["task"])
    return names


def test_tasks_wait_with_the_one_in_charge_and_with_its_successor(
    app: Celery, group: BehindSentinels
) -> None:
    app.send_task("first", queue="mail")
    app.send_task("second", queue="mail")
    with group.in_charge().client() as client:
        assert client.llen("gatehouse:celery:mail") == 2
    group.hand_over()
    wait_for(group.settled, "the end of the failover")
    assert received(app) == ["first", "second"]
    app.send_task("third", queue="mail")
    assert received(app) == ["third"]
