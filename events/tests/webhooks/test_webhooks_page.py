"""The receivers of `docs/integrators/webhooks.md`, word for word, behind a proxy that ends TLS."""

import http.client
import http.server
import os
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from config.devstack import ports
from config.http.tests.https_server import answering
from events.models import DeliveryState
from events.tests.webhooks.making import delivery_of, dispatch, happens, make_webhook
from events.tests.webhooks.receiver import Message, Receiver
from tests.node.tooling import NODE
from tests.waiting import wait_until

PAGE = Path(settings.BASE_DIR) / "docs/integrators/webhooks.md"

pytestmark = pytest.mark.django_db


def program(language: str) -> str:
    [found] = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return str(found)


def command(language: str, folder: Path) -> list[str]:
    if language == "python":
        return [sys.executable, "-c", program("python")]
    script = folder / "receiver.mjs"
    script.write_text(program("js"))
    return [NODE, str(script)]


@contextmanager
def running(language: str, folder: Path, secret: str) -> Iterator[int]:
    """The port that the program listens on."""
    port = ports.any_free()
    environment = {"WEBHOOK_SECRET": secret, "PORT": str(port), "DATABASE": str(folder / "db")}
    process = subprocess.Popen(
        command(language, folder),
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        wait_until(lambda: _listens(port), "the receiver listens")
        yield port
    finally:
        process.kill()
        print(process.communicate()[0])


def _listens(port: int) -> bool:
    with socket.socket() as knocking:
        return knocking.connect_ex(("127.0.0.1", port)) == 0


def pass_on(message: Message, port: int) -> int:
    """As a proxy does; returns the status of the answer."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("POST", "/", body=message.body, headers=message.headers)
        return connection.getresponse().status


def proxy_to(port: int, receiver: Receiver) -> Any:
    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        answering(b"", pass_on(receiver.messages[-1], port))(request)

    return answer


@pytest.mark.parametrize("language", ["python", "js"])
def test_it_takes_what_we_sign_once_and_nothing_else(
    receiver: Receiver, tmp_path: Path, capfd: pytest.CaptureFixture[str], language: str
) -> None:
    issued = make_webhook(receiver.url)
    event = happens(event_type="user.suspended.v1")
    with running(language, tmp_path, issued.secret) as port:
        receiver.answer = proxy_to(port, receiver)
        dispatch()
        delivery = delivery_of(event)
        assert (delivery.state, delivery.status) == (DeliveryState.DELIVERED, 204)
        [message] = receiver.messages
        assert pass_on(message, port) == 204
        for broken in (
            {"webhook-id": "evt_other"},
            {"webhook-timestamp": "1700000000"},
            {"webhook-timestamp": "soon"},
            {"webhook-signature": "v1,AAAA"},
            {"webhook-signature": ""},
        ):
            assert pass_on(Message(message.headers | broken, message.body), port) == 401
        longer = {"content-length": str(len(message.body) + 1)}
        assert pass_on(Message(message.headers | longer, message.body + b" "), port) == 401
    handled = [f"{event.event_type} {event.aggregate_id}"]
    if language == "python":
        with closing(sqlite3.connect(tmp_path / "db")) as database:
            rows = database.execute("SELECT type, subject FROM changes").fetchall()
        assert [" ".join(row) for row in rows] == handled
    else:
        assert capfd.readouterr().out.splitlines()[:1] == handled


def test_a_receiver_with_another_secret_takes_nothing(receiver: Receiver, tmp_path: Path) -> None:
    make_webhook(receiver.url)
    other = make_webhook(receiver.url, owner="other", event_types=["user.*"])
    event = happens()
    with running("python", tmp_path, other.secret) as port:
        receiver.answer = proxy_to(port, receiver)
        dispatch()
    assert (delivery_of(event).state, delivery_of(event).status) == (DeliveryState.PENDING, 401)
