"""One line for each request."""

import pytest
import structlog
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from config.http import context
from config.telemetry.tests.conftest import LogLines


def greet(request: HttpRequest, name: str) -> HttpResponse:
    structlog.contextvars.bind_contextvars(bound_inside=True)
    structlog.get_logger("inner").info("greeting")
    return HttpResponse(status=int(request.GET.get("status", 200)))


def greet_somebody(request: HttpRequest) -> HttpResponse:
    context.amend(actor_type="user", actor_id="usr_1", session_id="ses_1")
    return HttpResponse()


def crash(request: HttpRequest, name: str) -> HttpResponse:
    raise RuntimeError("token: abc")


urlpatterns = [
    path("greet/<str:name>", greet),
    path("somebody", greet_somebody),
    path("crash/<str:name>", crash),
    path("readyz", lambda request: HttpResponse(status=int(request.GET.get("status", 200)))),
]
pytestmark = pytest.mark.urls(__name__)


def test_it_tells_method_route_status_and_duration(client: Client, log_lines: LogLines) -> None:
    client.post("/greet/asha?status=202&token=abc", REMOTE_ADDR="203.0.113.7")

    *_, line = log_lines()
    assert line["event"] == "request"
    assert line["logger"] == "config.telemetry.access"
    assert line["method"] == "POST"
    assert line["route"] == "/greet/<str:name>"
    assert line["status"] == 202
    assert line["duration_ms"] >= 0
    assert line["ip"] == "203.0.113.0/24"


def test_it_holds_neither_path_nor_query(client: Client, log_lines: LogLines) -> None:
    client.get("/greet/asha-by-name?next=somewhere")

    for line in log_lines():
        assert "asha-by-name" not in str(line)
        assert "somewhere" not in str(line)


def test_it_carries_the_request_id_that_the_caller_sees(
    client: Client, log_lines: LogLines
) -> None:
    answer = client.get("/somebody", headers={"X-Request-ID": "from-the-caller"})

    (line,) = log_lines()
    assert line["request_id"] == answer["X-Request-ID"] == "from-the-caller"


def test_it_tells_who_asked_once_that_is_known(client: Client, log_lines: LogLines) -> None:
    client.get("/somebody")

    (line,) = log_lines()
    assert (line["user_id"], line["session_id"]) == ("usr_1", "ses_1")


def test_lines_from_inside_carry_the_route(client: Client, log_lines: LogLines) -> None:
    client.get("/greet/asha")

    inner, access = log_lines()
    assert inner["event"] == "greeting"
    assert inner["route"] == access["route"] == "/greet/<str:name>"
    assert inner["request_id"] == access["request_id"]


def test_what_a_request_bound_is_forgotten_with_it(client: Client, log_lines: LogLines) -> None:
    client.get("/greet/asha")
    client.get("/somebody")
    structlog.get_logger("x").info("afterwards")

    first, second, third, afterwards = log_lines()
    assert first["bound_inside"] is True
    assert second["bound_inside"] is True
    assert "bound_inside" not in third
    assert "route" not in afterwards


def test_an_address_that_nobody_serves_has_no_route(client: Client, log_lines: LogLines) -> None:
    client.get("/nobody/home")

    (line,) = log_lines()
    assert line["route"] == "(none)"
    assert line["status"] == 404


def test_a_crash_has_its_line_and_its_exception(client: Client, log_lines: LogLines) -> None:
    client.raise_request_exception = False

    client.get("/crash/asha-by-name")

    failure, access = sorted(log_lines(), key=lambda line: line["event"] == "request")
    assert access["status"] == 500
    assert failure["event"] == "request_failed"
    assert failure["route"] == "/crash/<str:name>"
    assert failure["exception"].endswith("RuntimeError: token: [redacted]")
    assert failure["request_id"] == access["request_id"]
    assert "asha-by-name" not in str(failure)


def test_an_error_answer_without_an_exception_has_no_second_line(
    client: Client, log_lines: LogLines
) -> None:
    client.get("/greet/asha?status=503")

    assert [line["event"] for line in log_lines()] == ["greeting", "request"]


def test_a_refused_host_is_told_in_our_words(client: Client, log_lines: LogLines) -> None:
    answer = client.get("/somebody", SERVER_NAME="evil.example")

    assert answer.status_code == 400
    lines = log_lines()
    assert "evil.example" not in str(lines)
    assert {line["event"] for line in lines} == {"request", "request_refused"}


def test_probes_that_pass_are_left_out(client: Client, log_lines: LogLines) -> None:
    client.get("/readyz")

    assert log_lines() == []


def test_probes_that_fail_are_not(client: Client, log_lines: LogLines) -> None:
    client.get("/readyz?status=503")

    (line,) = log_lines()
    assert (line["route"], line["status"]) == ("/readyz", 503)


@pytest.mark.parametrize("length", ["many", "-1", ""])
def test_a_content_length_that_is_no_number_breaks_nothing(length: str, client: Client) -> None:
    assert client.get("/somebody", CONTENT_LENGTH=length).status_code == 200
