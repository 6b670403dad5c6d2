"""A secret at every door of a request and of a task, and none of it in anything that is written."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import NoReturn
from urllib.parse import urlencode

import pytest
import structlog
from celery import shared_task
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from config.telemetry.tests.redaction.test_shapes import SECRETS

# What has no name beside it where it is planted is known by its look; the rest looks like nothing.
PLAIN = "correct horse battery staple"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
BY_LOOK = {name: secret for name, secret in SECRETS.items() if "\n" not in secret}


class StubbornError(Exception):
    """Shows what it was given, in `str` and in `repr`."""


def fail_with(text: str, *, password: str) -> NoReturn:
    body = {"password": password, "nested": [{"api_secret": password}]}
    raise StubbornError(f"refused {text} in {body!r}")


def careless(request: HttpRequest, code: str) -> HttpResponse:
    """Logs and raises all that it was sent, as careless code would."""
    sent = {
        "path": request.get_full_path(),
        "headers": dict(request.headers),
        "cookies": request.COOKIES,
        "query": request.GET.dict(),
        "body": request.body,
        "form": request.POST.dict(),
        "meta": {key: value for key, value in request.META.items() if isinstance(value, str)},
    }
    structlog.get_logger("careless").info(f"got {sent}", sent=sent, request=request)
    logging.getLogger("careless").warning("got %s", sent, extra={"sent": sent})
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text, %s::text", [request.GET["password"], code])
    fail_with(request.GET["secret"], password=request.GET["password"])


@shared_task(name="telemetry.tests.careless")
def careless_task(text: str, *, password: str) -> None:
    fail_with(text, password=password)


urlpatterns = [path("careless/<str:code>", careless)]


@pytest.fixture
def everything_is_logged() -> Iterator[None]:
    """Down to each statement."""
    handler = next(h for h in logging.getLogger().handlers if h.name == "stdout")
    level = handler.level
    handler.setLevel(logging.DEBUG)
    connection.force_debug_cursor = True
    yield
    connection.force_debug_cursor = False
    handler.setLevel(level)


@pytest.mark.django_db
@pytest.mark.urls(__name__)
@pytest.mark.usefixtures("everything_is_logged")
@pytest.mark.parametrize("write", [json.dumps, urlencode])
@pytest.mark.parametrize("secret", BY_LOOK.values(), ids=BY_LOOK.keys())
def test_no_door_of_a_request_lets_a_secret_into_the_output(
    secret: str,
    write: Callable[[dict[str, str]], str],
    client: Client,
    capsys: pytest.CaptureFixture[str],
) -> None:
    client.raise_request_exception = False
    client.cookies["sessionid"] = PLAIN.replace(" ", "-")

    answer = client.post(
        f"/careless/{secret.replace('/', '_')}",
        write({"password": PLAIN, "note": secret}),
        content_type=JSON if write is json.dumps else FORM,
        query_params={"password": PLAIN, "secret": secret},
        headers={
            "Authorization": f"Bearer {secret}",
            "X-Api-Key": PLAIN,
            "X-Note": secret,
            "X-Request-ID": "known-request",
        },
    )

    output = capsys.readouterr()
    text = output.out + output.err
    assert answer.status_code == 500
    assert '"event":"request_failed"' in text
    assert '"event":"query"' in text
    assert '"request_id":"known-request"' in text
    assert secret not in text
    for spelling in (PLAIN, PLAIN.replace(" ", "-"), PLAIN.replace(" ", "+"), "battery"):
        assert spelling not in text
    assert secret not in answer.content.decode()


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS.keys())
def test_no_failing_task_lets_a_secret_into_the_output(
    secret: str, capsys: pytest.CaptureFixture[str]
) -> None:
    careless_task.apply(args=(secret,), kwargs={"password": PLAIN}, throw=False)

    output = capsys.readouterr()
    text = output.out + output.err
    assert "StubbornError" in text
    assert secret not in text
    assert secret.encode("unicode_escape").decode() not in text
    assert "battery" not in text
