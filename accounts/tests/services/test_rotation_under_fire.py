"""Keys are replaced while clients hammer a running server and strangers verify with a JWKS that they keep."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest
from django.db import connection

from accounts.errors import KeyNotPublishedLongEnoughError
from accounts.models import SigningKey, User
from accounts.models.session import SignInMethod
from accounts.services import sessions, signing_keys, tokens
from accounts.services.sessions import Device
from accounts.services.signing_keys import KeyChange
from accounts.tests.factories import UserFactory
from accounts.tests.processes.verifier import Verifier, ourselves, stranger

MAX_AGE, LEEWAY = 2, 1  # seconds
CLIENTS = 3
PAUSE = 0.05  # between two rounds of a client
PATIENCE = 60

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def url(live_server: Any, environment: Any, no_rate_limit_left_over: None) -> str:
    environment(
        public_url=live_server.url,
        jwks_max_age=MAX_AGE,
        clock_leeway=LEEWAY,
        requests_per_minute=1_000_000,
    )
    signing_keys.tend()
    return str(live_server.url)


class Client:
    """Continues a session over and over; what it was given first must go on working beside what it gets last."""

    def __init__(self, url: str, refresh_token: str, first: str, verifier: Verifier) -> None:
        self.http = httpx.Client(base_url=url, timeout=30)
        self.refresh_token, self.tokens, self.verifier = refresh_token, [first], verifier
        self.refusals: list[str] = []

    def hammer(self, done: threading.Event) -> None:
        with self.http:
            while not done.is_set() or len(self.tokens) < 2:
                self.round()
                time.sleep(PAUSE)

    def round(self) -> None:
        answer = self.http.post("/v1/auth/refresh", json={"refresh_token": self.refresh_token})
        if answer.status_code != 200:
            self.refusals.append(f"refresh: {answer.status_code} {answer.text}")
            return
        self.refresh_token = answer.json()["refresh_token"]
        self.tokens.append(answer.json()["access_token"])
        for token in (self.tokens[0], self.tokens[-1]):
            me = self.http.get("/v1/users/me", headers={"Authorization": f"Bearer {token}"})
            if me.status_code != 200:
                self.refusals.append(f"our own: {me.status_code} {me.text}")
            if (verdict := self.verifier.verdict(token)) != "good":
                self.refusals.append(f"a stranger's: {verdict}")


def client_of(user: User, url: str, verifier: Verifier) -> Client:
    session = sessions.begin(
        user=user, method=SignInMethod.PASSWORD, amr=("pwd",), device=Device(persistent=True)
    )
    pair = tokens.first_pair(session)
    assert pair.refresh_token
    return Client(url, pair.refresh_token, pair.access_token, verifier)


@contextmanager
def hammered(url: str) -> Iterator[list[Client]]:
    """Clients at work, each with a stranger of its own to verify what it gets."""
    done = threading.Event()
    with ExitStack() as stack:
        clients = [
            client_of(
                UserFactory.create(),
                url,
                stack.enter_context(stranger(f"{url}/.well-known/jwks.json")),
            )
            for _ in range(CLIENTS)
        ]
        pool = stack.enter_context(ThreadPoolExecutor(CLIENTS))
        work: list[Future[None]] = [pool.submit(client.hammer, done) for client in clients]
        try:
            yield clients
        finally:
            done.set()
            for one in work:
                one.result(PATIENCE)


def eventually(change: Callable[[], KeyChange]) -> KeyChange:
    """The rotation, as soon as the next key may sign."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            return change()
        except KeyNotPublishedLongEnoughError:
            time.sleep(0.1)
    pytest.fail("the next key never became ready")


def test_two_rotations_under_fire_refuse_no_token_to_anybody(url: str) -> None:
    with hammered(url) as clients:
        time.sleep(MAX_AGE)  # everybody is at work, and keeps a set that will soon lack a key
        first = eventually(signing_keys.rotate)
        second = eventually(signing_keys.rotate)
        time.sleep(MAX_AGE)

    assert [client.refusals for client in clients] == [[]] * CLIENTS
    signed_by = {
        str(SigningKey.objects.get(kid=kid).state)
        for kid in (first.retiring, first.activated, second.activated)
    }
    assert signed_by == {"retiring", "active"}
    for client in clients:
        used = {token.split(".")[0] for token in client.tokens}
        assert len(used) == 3, "each client was given tokens of all three keys"


def test_the_jwks_may_be_kept_no_longer_than_a_next_key_waits(url: str) -> None:
    answer = httpx.get(f"{url}/.well-known/jwks.json")
    kept = int(answer.headers["Cache-Control"].partition("max-age=")[2])
    newest = SigningKey.objects.get(state="next")

    waits = (signing_keys.ready_at(newest) - newest.published_at).total_seconds()

    assert kept == MAX_AGE
    assert waits == kept + LEEWAY


def test_a_revoked_key_is_refused_at_once_by_every_process(url: str) -> None:
    user = UserFactory.create()
    session = sessions.begin(user=user, method=SignInMethod.PASSWORD, amr=("pwd",), device=Device())
    before = tokens.pair(session).access_token
    headers = {"Authorization": f"Bearer {before}"}
    with ourselves() as one, ourselves() as another:
        assert (one.verdict(before), another.verdict(before)) == ("good", "good")
        assert httpx.get(f"{url}/v1/users/me", headers=headers).status_code == 200
        leaked = SigningKey.objects.get(state="active").kid

        signing_keys.revoke(kid=leaked, reason="leaked")

        assert (one.verdict(before), another.verdict(before)) == ("refused", "refused")
        assert httpx.get(f"{url}/v1/users/me", headers=headers).status_code == 401
        published = httpx.get(f"{url}/.well-known/jwks.json").json()["keys"]
        assert leaked not in {key["kid"] for key in published}
        after = tokens.pair(session).access_token
        assert (one.verdict(after), another.verdict(after)) == ("good", "good")
    connection.close()
