"""Who asked travels along with the task."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
import structlog
from celery import shared_task

from config.http import context
from config.http.context import RequestContext, acting
from config.jobs.task_context import HEADER

ASKED = RequestContext(
    request_id="req-1",
    actor_type="user",
    actor_id="usr_1",
    session_id="ses_1",
    client_id="web",
    ip="203.0.113.7",
)
seen: list[RequestContext] = []


@shared_task(name="jobs.tests.look_around")
def look_around(fail: bool = False) -> None:
    seen.append(context.current())
    structlog.get_logger("inside").info("looking")
    if fail:
        raise RuntimeError("token: abc")


@pytest.fixture(autouse=True)
def nothing_seen() -> Iterator[None]:
    seen.clear()
    yield
    seen.clear()


def carrying(known: RequestContext, **more: Any) -> Any:
    """The headers of a message that was sent under `known`."""
    return {HEADER: asdict(known) | more}


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_task_runs_in_the_context_that_its_message_carries() -> None:
    look_around.apply(headers=carrying(ASKED))

    assert seen == [ASKED]
    assert context.current() == context.SYSTEM


def test_without_one_it_is_the_system_acting_under_the_tasks_name() -> None:
    look_around.apply(task_id="task-1")

    (found,) = seen
    assert (found.actor_type, found.actor_id) == ("system", "jobs.tests.look_around")
    assert found.request_id == "task-1"


def test_what_a_newer_sender_adds_is_ignored() -> None:
    look_around.apply(headers=carrying(ASKED, from_the_future=1))

    assert seen == [ASKED]


def test_the_context_from_before_comes_back_after_a_failure_too() -> None:
    with acting(RequestContext(request_id="outer")):
        look_around.apply(kwargs={"fail": True}, throw=False)

        assert context.current().request_id == "outer"
    assert structlog.contextvars.get_contextvars() == {}


def test_every_line_of_a_task_says_which_and_for_whom(capsys: pytest.CaptureFixture[str]) -> None:
    look_around.apply(headers=carrying(ASKED), task_id="task-1")

    inside, ended = lines(capsys)
    for line in (inside, ended):
        assert (line["task"], line["task_id"]) == ("jobs.tests.look_around", "task-1")
        assert (line["request_id"], line["user_id"]) == ("req-1", "usr_1")
    assert (ended["event"], ended["level"], ended["state"]) == ("task", "info", "SUCCESS")
    assert ended["duration_ms"] >= 0


def test_a_failed_task_has_its_exception_and_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    look_around.apply(headers=carrying(ASKED), kwargs={"fail": True}, throw=False)

    _inside, failure, ended = lines(capsys)
    assert failure["logger"] == "celery.app.trace"
    assert failure["request_id"] == "req-1"
    assert failure["exception"].endswith("RuntimeError: token: [redacted]")
    assert "args" not in failure["data"]
    assert (ended["level"], ended["state"]) == ("warning", "FAILURE")
