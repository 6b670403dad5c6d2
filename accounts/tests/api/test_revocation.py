"""`POST /v1/oauth/revoke`: a token taken back by whom it was issued to, and by nobody else."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts import tasks
from accounts.errors import InvalidTokenError
from accounts.models import RevokedToken, ServiceClient, Session
from accounts.models.session import EndReason
from accounts.services import access_tokens, api_keys, service_clients
from accounts.services.service_clients import IssuedSecret
from accounts.tests.conftest import SignedIn, SignIn, post
from accounts.tests.factories import UserFactory
from accounts.tests.oauth import basic, post_form
from audit.models import AuthEvent
from config.telemetry import planted_secrets

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ready")]

URL = "/v1/oauth/revoke"


@pytest.fixture
def ticker() -> IssuedSecret:
    return service_clients.create(name="Ticker", client_id="ticker", scopes=["events:read"])


def token_of(client: ServiceClient) -> str:
    return access_tokens.issue_service_token(client=client, scopes=client.scopes).token


def revoke(token: str, by: IssuedSecret | None = None, **more: str) -> Any:
    """By a service client with its secret, or by our first-party client, which has none."""
    if by is None:
        return post_form(URL, {"client_id": "first-party", "token": token, **more})
    return post_form(URL, {"token": token, **more}, basic(by.client.client_id, by.secret))


def me(token: str) -> int:
    answer = Client().get("/v1/users/me", headers={"Authorization": f"Bearer {token}"})
    return int(answer.status_code)


def refused(token: str) -> bool:
    try:
        access_tokens.verify(token)
    except InvalidTokenError:
        return True
    return False


def assert_signed_out(asha: SignedIn) -> None:
    session = Session.objects.with_public_id(asha.tokens["session_id"]).get()
    assert session.end_reason == EndReason.LOGOUT
    assert asha.client.get("/v1/users/me").status_code == 401
    refreshed = post(asha.client, "/v1/auth/refresh", {"refresh_token": asha.refresh_token})
    assert refreshed.status_code == 401


@pytest.mark.parametrize("which", ["refresh_token", "access_token"])
def test_a_persons_token_ends_the_session(sign_in: SignIn, which: str) -> None:
    asha, other = sign_in(), sign_in()

    answer = revoke(asha.tokens[which])

    assert (answer.status_code, answer.content) == (200, b"")
    assert_signed_out(asha)
    assert other.client.get("/v1/users/me").status_code == 200
    row = AuthEvent.objects.get(event_type="auth.logout")
    assert (row.actor_id, row.session_id) == (asha.user.public_id, asha.tokens["session_id"])


def test_a_refresh_token_that_was_rotated_ends_its_family_too(sign_in: SignIn) -> None:
    asha = sign_in()
    for _ in range(2):
        renewed = post(asha.client, "/v1/auth/refresh", {"refresh_token": asha.refresh_token})
        first = asha.refresh_token
        asha.tokens.update(renewed.json())

    assert revoke(first).status_code == 200
    assert_signed_out(asha)


def test_a_made_up_token_of_a_known_family_ends_nothing(sign_in: SignIn) -> None:
    import base64

    asha = sign_in()
    forged = bytearray(base64.urlsafe_b64decode(asha.refresh_token))
    forged[-1] ^= 1

    assert revoke(base64.urlsafe_b64encode(bytes(forged)).decode()).status_code == 200
    assert asha.client.get("/v1/users/me").status_code == 200


def test_a_services_own_token_is_refused_from_then_on(ticker: IssuedSecret) -> None:
    token, sibling = token_of(ticker.client), token_of(ticker.client)

    assert revoke(token, ticker).status_code == 200

    assert (refused(token), refused(sibling)) == (True, False)
    assert [me(good_or_not) for good_or_not in (token, sibling)] == [401, 403]
    row = AuthEvent.objects.get(event_type="client.token_revoked")
    assert (row.actor_type, row.actor_id) == ("service", "ticker")


def test_revoking_twice_tells_of_it_once(ticker: IssuedSecret) -> None:
    token = token_of(ticker.client)

    assert [revoke(token, ticker).status_code for _ in range(2)] == [200, 200]
    assert AuthEvent.objects.filter(event_type="client.token_revoked").count() == 1


def test_another_clients_token_is_not_revoked_and_that_is_said(
    ticker: IssuedSecret, sign_in: SignIn
) -> None:
    other = service_clients.create(name="o", client_id="other", scopes=["events:read"])
    asha = sign_in()
    theirs = token_of(other.client)

    answers = [
        revoke(theirs, ticker),
        revoke(theirs),
        revoke(asha.refresh_token, ticker),
        revoke(asha.tokens["access_token"], ticker),
    ]

    assert [answer.status_code for answer in answers] == [400] * 4
    assert {answer.json()["error"] for answer in answers} == {"unauthorized_client"}
    assert not refused(theirs)
    assert asha.client.get("/v1/users/me").status_code == 200


@pytest.mark.parametrize(
    "token",
    ["x", "a.b.c", "A" * 64, "é", "\x00", "A" * 100_000],
    ids=lambda text: text[:5].strip("\x00"),
)
def test_a_token_that_never_was_is_no_error(ticker: IssuedSecret, token: str) -> None:
    assert revoke(token, ticker).status_code == 200
    assert revoke(token).status_code == 200


def test_a_token_that_is_over_is_no_error(ticker: IssuedSecret, sign_in: SignIn) -> None:
    asha = sign_in()
    post(asha.client, "/v1/auth/logout", {})

    assert revoke(asha.refresh_token).status_code == 200
    assert revoke(asha.refresh_token, ticker).status_code == 200


def test_an_api_key_is_not_revoked_here_and_that_is_said(ticker: IssuedSecret) -> None:
    issued = api_keys.create(user=UserFactory.create(), name="bot", scopes=["me:read"])
    planted_secrets.add(issued.secret)

    for answer in (revoke(issued.secret), revoke(issued.secret, ticker)):
        assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_token_type")
    assert api_keys.is_good(issued.key)


def test_who_cannot_prove_who_they_are_revokes_nothing(ticker: IssuedSecret) -> None:
    token = token_of(ticker.client)
    wrong = (
        post_form(URL, {"token": token}),
        post_form(URL, {"token": token}, basic("ticker", "wrong")),
        post_form(URL, {"token": token, "client_id": "ticker"}),
        post_form(URL, {"token": token, "client_id": "first-party", "client_secret": "x"}),
        post_form(URL, {"token": token}, basic("first-party", "")),
        post_form(URL, {"token": token}, f"Bearer {token}"),
    )

    for answer in wrong:
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert not refused(token)


def test_the_token_is_needed(ticker: IssuedSecret) -> None:
    answer = post_form(URL, {}, basic("ticker", ticker.secret))

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_hint_that_misleads_does_no_harm(sign_in: SignIn) -> None:
    asha = sign_in()

    assert revoke(asha.refresh_token, token_type_hint="access_token").status_code == 200
    assert_signed_out(asha)


def test_a_revoked_token_is_remembered_for_as_long_as_it_could_be_used(
    ticker: IssuedSecret,
) -> None:
    revoke(token_of(ticker.client), ticker)
    hour = timedelta(seconds=3600)

    with time_machine.travel(timezone.now() + hour):
        tasks.forget_expired()
        assert RevokedToken.objects.exists()
    with time_machine.travel(timezone.now() + hour + timedelta(seconds=10)):
        tasks.forget_expired()
    assert not RevokedToken.objects.exists()


def test_an_address_that_tries_too_often_waits() -> None:
    answers = [
        post_form(URL, {"token": "x", "client_id": "first-party"}, REMOTE_ADDR="2001:db8:88::1")
        for _ in range(140)
    ]

    assert {answer.status_code for answer in answers} == {200, 429}
