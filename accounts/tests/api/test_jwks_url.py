"""A client whose keys we read from a URL of its own: found, remembered, found again when they change."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from accounts.services import fetched_jwks, service_clients, signing_keys
from accounts.services.service_clients import ClientKeys
from accounts.tests.client_keys import FORM, ClientKeyPair, assertion_form, jwks, key_pair
from config.http.tests.https_server import HttpsServer, answering, https_server
from tests.racing import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_key")]

OLD, NEW = key_pair("ES256", "old"), key_pair("ES256", "new")
Tune = Callable[..., None]


@pytest.fixture
def tune(environment: Callable[..., None], server: HttpsServer) -> Tune:
    """Change settings, with the server staying in reach."""

    def change(**changes: Any) -> None:
        environment(
            **{
                "outbound_allowed_networks": [ip_network("127.0.0.0/8"), ip_network("::1/128")],
                "outbound_ca_file": server.ca_file,
                "client_jwks_refetch_interval": 0.0,
                **changes,
            }
        )

    return change


@pytest.fixture
def server(tmp_path: Path) -> Iterator[HttpsServer]:
    with https_server(tmp_path) as running:
        publish(running, OLD)
        yield running


@pytest.fixture(autouse=True)
def orders(db: None, server: HttpsServer, tune: Tune) -> Iterator[None]:
    """A client registered with the server's address; nothing is remembered from other tests."""
    tune()
    fetched_jwks.remembered.forget()
    service_clients.create_with_keys(
        name="Orders",
        client_id="orders",
        scopes=["authz:check"],
        keys=ClientKeys(jwks_url=server.url("/jwks.json")),
    )
    yield
    fetched_jwks.remembered.forget()


def publish(server: HttpsServer, *pairs: ClientKeyPair) -> None:
    server.handler = answering(json.dumps(jwks(*pairs)).encode())


def ask(pair: ClientKeyPair, **headers: Any) -> int:
    form = assertion_form(pair.assertion("orders", headers=headers))
    answer = Client().post("/v1/oauth/token", urlencode(form), content_type=FORM)
    assert answer.status_code == 200 or answer.json()["error"] == "invalid_client"
    return int(answer.status_code)


def test_keys_are_read_from_the_url_once_and_remembered(server: HttpsServer) -> None:
    assert [ask(OLD) for _ in range(3)] == [200] * 3
    assert server.paths == ["/jwks.json"]


def test_rotated_keys_are_found(server: HttpsServer) -> None:
    assert ask(OLD) == 200
    publish(server, OLD, NEW)

    assert (ask(NEW), ask(OLD)) == (200, 200)
    assert len(server.paths) == 2


def test_a_key_that_was_taken_away_is_refused_from_the_next_reading_on(
    server: HttpsServer,
) -> None:
    assert ask(OLD) == 200
    publish(server, NEW)

    assert (ask(NEW), ask(OLD)) == (200, 401)


def test_what_was_read_is_believed_for_a_while_only(server: HttpsServer, tune: Tune) -> None:
    assert ask(OLD) == 200
    publish(server, NEW)
    tune(client_jwks_max_age=0)
    time.sleep(0.01)

    assert ask(OLD) == 401


def test_invented_key_ids_knock_at_the_url_once_an_interval(
    server: HttpsServer, tune: Tune
) -> None:
    tune(client_jwks_refetch_interval=3600.0)
    assert ask(OLD) == 200

    assert [ask(OLD, kid=f"invented-{n}") for n in range(5)] == [401] * 5
    assert len(server.paths) == 1


def test_a_url_that_fails_is_not_asked_again_at_once(server: HttpsServer, tune: Tune) -> None:
    tune(client_jwks_refetch_interval=3600.0)
    server.handler = answering(b"", 503)

    assert [ask(OLD) for _ in range(3)] == [401] * 3
    assert len(server.paths) == 1


def test_keys_survive_a_reading_that_fails(server: HttpsServer) -> None:
    assert ask(OLD) == 200
    server.handler = answering(b"", 503)

    assert (ask(NEW), ask(OLD)) == (401, 200)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"not json"),
        (200, b"[]"),
        (200, b'{"keys": {}}'),
        (200, b'{"keys": []}'),
        (200, b'{"keys": [], "keys": []}'),
        (200, b"[" * 1000),
        (200, b" " * 200_000),
        (404, json.dumps(jwks(OLD)).encode()),
        (500, json.dumps(jwks(OLD)).encode()),
        (302, json.dumps(jwks(OLD)).encode()),
    ],
)
def test_what_is_no_key_set_proves_nobody(server: HttpsServer, status: int, body: bytes) -> None:
    server.handler = answering(body, status, Location="https://localhost/")

    assert ask(OLD) == 401


def test_a_url_that_leads_inside_is_not_asked(server: HttpsServer, tune: Tune) -> None:
    tune(outbound_allowed_networks=[])

    assert ask(OLD) == 401
    assert server.paths == []


def test_a_server_that_is_slow_delays_nobody_whose_key_is_known(
    server: HttpsServer, tune: Tune
) -> None:
    tune(outbound_timeout=20.0)
    assert ask(OLD) == 200
    asked, release = threading.Event(), threading.Event()

    def hang(request: BaseHTTPRequestHandler) -> None:
        asked.set()
        release.wait(timeout=60)
        answering(json.dumps(jwks(NEW)).encode())(request)

    server.handler = hang
    reading = fetched_jwks.remembered.at(server.url("/jwks.json"))
    unknown = threading.Thread(target=reading.find, kwargs={"algorithm": "ES256", "kid": "new"})
    unknown.start()
    assert asked.wait(timeout=30)

    assert ask(OLD) == 200
    release.set()
    unknown.join()


@pytest.mark.django_db(transaction=True)
def test_twenty_threads_that_need_the_same_keys_read_them_once(server: HttpsServer) -> None:
    signing_keys.ensure_first()

    statuses = at_once(*[lambda: ask(OLD)] * 20)

    assert statuses == [200] * 20
    assert server.paths == ["/jwks.json"]


def test_no_more_urls_are_remembered_than_the_setting_says(tune: Tune) -> None:
    tune(client_jwks_cache_size=2)
    sets = fetched_jwks.RemoteKeySets()
    first = sets.at("https://a.example/")
    sets.at("https://b.example/")
    assert sets.at("https://a.example/") is first
    sets.at("https://c.example/")

    assert sets.at("https://a.example/") is first
    assert len(sets._sets) == 2
