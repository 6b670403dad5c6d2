"""A broker that is away fails nobody whose change is committed already."""

from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery
from kombu.exceptions import OperationalError
from prometheus_client import REGISTRY

from accounts.tasks import send_verification_mail
from config.jobs.sending import UnfailingTask


def nothing() -> None:
    """What the task does."""


@pytest.fixture
def mail() -> Iterator[Any]:
    """A task whose broker is away."""
    app = Celery("nobody", broker="redis://127.0.0.1:1", set_as_current=False)
    app.conf.task_publish_retry = False
    with app:
        yield app.task(base=UnfailingTask, name="mail")(nothing)


def unsent() -> float:
    return REGISTRY.get_sample_value("gatehouse_tasks_unsent_total") or 0.0


def test_what_no_broker_takes_is_counted_and_given_up(mail: Any) -> None:
    before = unsent()
    assert mail.delay() is None
    assert unsent() == before + 1


def test_a_task_that_sends_itself_again_still_fails(mail: Any) -> None:
    mail.push_request(called_directly=False)
    with pytest.raises(OperationalError):
        mail.delay()


def test_mails_are_sent_so() -> None:
    assert isinstance(send_verification_mail, UnfailingTask)
