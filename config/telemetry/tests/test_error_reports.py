"""Django's error reports, in text and in HTML."""

import sys
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from django.views import debug

from config.telemetry.error_reports import RedactingReporter

# Put together here, because a report shows the source around each line of the traceback.
PLANTED = "-".join(("plain", "to", "see"))


def failing_request() -> HttpRequest:
    request = RequestFactory().post(
        f"/x?token=query-{PLANTED}",
        {"card": f"form-{PLANTED}", "password": f"form-{PLANTED}"},
        headers={"Authorization": f"Bearer header-{PLANTED}", "X-Api-Key": f"header-{PLANTED}"},
        REMOTE_ADDR="203.0.113.7",
    )
    request.COOKIES["sessionid"] = f"cookie-{PLANTED}"
    return request


def fail(local: str) -> None:
    error = ValueError(f"{len(local)}; password=exception-{PLANTED}")
    error.add_note(f"token=note-{PLANTED}")
    raise error


def reporter_class() -> Any:
    return debug.get_exception_reporter_class(failing_request())


def report(form: str) -> str:
    try:
        fail(f"local-{PLANTED}")
    except ValueError:
        made = reporter_class()(failing_request(), *sys.exc_info())
    return str(made.get_traceback_html() if form == "html" else made.get_traceback_text())


def test_the_settings_name_our_reporter() -> None:
    assert reporter_class() is RedactingReporter


@pytest.mark.parametrize("form", ["html", "text"])
@pytest.mark.parametrize("debug", [True, False])
def test_no_report_holds_a_secret(form: str, debug: bool, settings: Any) -> None:
    settings.DEBUG = debug

    text = report(form)

    assert "ValueError" in text
    assert PLANTED not in text
    assert "203.0.113.7" not in text
    assert settings.SECRET_KEY not in text


def test_a_failure_outside_a_request_is_reported_as_well() -> None:
    error = ValueError(f"password={PLANTED}")

    text = RedactingReporter(None, ValueError, error, None).get_traceback_text()

    assert "ValueError" in text
    assert PLANTED not in text
