"""What a log line looks like, whoever wrote it."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import structlog
from django.db import connection

from config.http.context import RequestContext, acting
from config.telemetry.logging import formatter, settings
from config.telemetry.tests.conftest import LogLines

TRACE = "0af7651916cd43dd8448eb211c80319c"
CONTEXT = RequestContext(
    request_id="req-1",
    actor_type="user",
    actor_id="usr_1",
    session_id="ses_1",
    client_id="web",
    traceparent=f"00-{TRACE}-b7ad6b7169203331-01",
)


@pytest.fixture
def debug_queries() -> Iterator[None]:
    """Statements are logged, and the log takes them."""
    handler = next(h for h in logging.getLogger().handlers if h.name == "stdout")
    level, connection.force_debug_cursor = handler.level, True
    handler.setLevel(logging.DEBUG)
    yield
    handler.setLevel(level)
    connection.force_debug_cursor = False


def test_a_line_says_when_how_grave_what_where_and_for_whom(log_lines: LogLines) -> None:
    with acting(CONTEXT):
        structlog.get_logger("some.module").warning("key_rotated", kid="k1", status=3)

    (line,) = log_lines()
    age = datetime.now(UTC) - datetime.fromisoformat(line.pop("timestamp"))
    assert 0 <= age.total_seconds() < 60
    assert list(line)[:3] == ["level", "event", "logger"]
    assert line == {
        "level": "warning",
        "event": "key_rotated",
        "logger": "some.module",
        "kid": "k1",
        "status": 3,
        "request_id": "req-1",
        "trace_id": TRACE,
        "user_id": "usr_1",
        "session_id": "ses_1",
        "client_id": "web",
    }


def test_what_is_not_known_is_left_out(log_lines: LogLines) -> None:
    structlog.get_logger("some.module").info("tick")

    assert set(log_lines()[0]) == {"timestamp", "level", "event", "logger"}


def test_a_service_is_a_client_and_no_user(log_lines: LogLines) -> None:
    with acting(RequestContext(actor_type="service", actor_id="svc_1", client_id="svc_1")):
        structlog.get_logger("x").info("tick")

    (line,) = log_lines()
    assert line["client_id"] == "svc_1"
    assert "user_id" not in line


def test_the_standard_librarys_loggers_write_the_same_lines(log_lines: LogLines) -> None:
    with acting(CONTEXT):
        logging.getLogger("lib").warning("took %d ms", 7, extra={"shard": 3, "password": "hunter2"})

    (line,) = log_lines()
    assert line["event"] == "took 7 ms"
    assert line["logger"] == "lib"
    assert line["level"] == "warning"
    assert line["shard"] == 3
    assert line["password"] == "[redacted]"
    assert line["request_id"] == "req-1"


def test_an_exception_is_one_redacted_field_without_locals(log_lines: LogLines) -> None:
    def fail(secret_local: str) -> None:
        raise ValueError("token: " + "abc" + "-secret-value")

    try:
        fail("a-local-secret")
    except ValueError:
        structlog.get_logger("x").exception("it_failed")
        logging.getLogger("y").exception("it failed")

    for line in log_lines():
        assert line["level"] == "error"
        assert line["exception"].startswith("Traceback (most recent call last):")
        assert line["exception"].endswith("ValueError: token: [redacted]")
        assert "a-local-secret" not in line["exception"].replace('fail("a-local-secret")', "")


def test_newlines_and_strange_characters_stay_inside_the_line(log_lines: LogLines) -> None:
    structlog.get_logger("x").info("one\ntwo\u2028three", text="\ud800 नमस्ते \x00")

    (line,) = log_lines()
    assert line["event"] == "one\ntwo\u2028three"
    assert line["text"] == "\ud800 नमस्ते \x00"


def test_lines_below_the_level_are_not_written(log_lines: LogLines) -> None:
    structlog.get_logger("x").debug("detail")
    logging.getLogger("x").debug("detail")

    assert log_lines() == []


@pytest.mark.django_db
def test_a_statement_is_logged_without_its_values(debug_queries: None, log_lines: LogLines) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text, 42", ["hunter2"])
        cursor.executemany("SELECT %s", [["hunter2"], ["hunter3"]])
    logging.getLogger("django.db.backends").debug("(0.1) SELECT 'hunter2'")

    first, second, third = (line for line in log_lines() if line["logger"] == "django.db.backends")
    assert first["event"] == "query"
    assert first["sql"] == "SELECT ?::text, ?"
    assert "hunter" not in str([first, second, third])
    assert third["event"] == "(?) SELECT ?"


def test_the_arguments_of_a_task_are_not_logged(log_lines: LogLines) -> None:
    data = {"id": "t1", "name": "x.y", "args": "('hunter2',)", "kwargs": "{'a': 'hunter2'}"}
    logging.getLogger("celery.app.trace").error("Task %(name)s failed", data, extra={"data": data})

    (line,) = log_lines()
    assert line["event"] == "Task x.y failed"
    assert line["data"] == {"id": "t1", "name": "x.y"}


def test_what_tasks_return_is_not_logged(log_lines: LogLines) -> None:
    logging.getLogger("celery.app.trace").info("Task x succeeded: hunter2")
    logging.getLogger("celery.worker.strategy").info("Task x received")

    assert log_lines() == []


def test_a_record_that_cannot_be_formatted_is_reported_without_its_arguments(
    capsys: pytest.CaptureFixture[str],
) -> None:
    handler = next(h for h in logging.getLogger().handlers if h.name == "stdout")
    handler.handle(logging.LogRecord("lib", 30, "", 0, "took %d ms", ("hunter2",), None))

    output = capsys.readouterr()
    assert output.out == ""
    assert '"event": "log_line_lost", "logger": "lib", "error": "TypeError"' in output.err
    assert "hunter2" not in output.err


def test_a_person_may_have_lines_to_read() -> None:
    record = logging.LogRecord("lib", logging.WARNING, "", 0, "token=%s", ("abc",), None)

    line = formatter("console").format(record)

    assert "warning" in line
    assert "token=[redacted]" in line
    assert not line.startswith("{")


def test_an_exception_reads_well_there_too() -> None:
    error = ValueError("token=abc")
    record = logging.LogRecord("lib", logging.ERROR, "", 0, "failed", (), (ValueError, error, None))

    lines = formatter("console").format(record).splitlines()
    assert lines[-1] == "ValueError: token=[redacted]"


@pytest.mark.parametrize("name", ["_granian", "django.server", "celery"])
def test_loggers_that_libraries_configure_write_to_ours(name: str) -> None:
    entry = settings(level="INFO", format="json")["loggers"][name]

    assert entry["handlers"] == []
    assert entry["propagate"]
