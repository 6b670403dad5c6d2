"""`POST /v1/oauth/introspect`: what holds now of a token that somebody presented elsewhere."""

import time
from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from django.utils import timezone

from accounts.models import ServiceClient
from accounts.services import access_tokens, api_keys, service_clients, signing_keys, status
from accounts.services.service_clients import ClientKeys, IssuedSecret
from accounts.tests.client_keys import assertion_form, jwks, key_pair
from accounts.tests.conftest import SignedIn, SignIn, post
from accounts.tests.factories import UserFactory
from accounts.tests.forging import active_key, person_claims, signed
from accounts.tests.oauth import basic, post_form
from authz.services.roles import grant_role, revoke_role
from config.telemetry import planted_secrets

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ready")]

URL = "/v1/oauth/introspect"


@pytest.fixture
def gateway() -> IssuedSecret:
    """The client that asks."""
    issued = service_clients.create(name="Gateway", client_id="gateway", scopes=["introspect"])
    planted_secrets.add(issued.secret)
    return issued


@pytest.fixture
def ticker() -> ServiceClient:
    return service_clients.create(
        name="Ticker", client_id="ticker", scopes=["authz:check", "events:read"]
    ).client


def introspect(gateway: IssuedSecret, token: str, **more: str) -> Any:
    answer = post_form(URL, {"token": token, **more}, basic("gateway", gateway.secret))
    assert answer.status_code == 200, answer.content
    assert answer["Cache-Control"] == "no-store"
    return answer.json()


def service_token(client: ServiceClient) -> str:
    return access_tokens.issue_service_token(client=client, scopes=client.scopes).token


def test_a_services_token(gateway: IssuedSecret, ticker: ServiceClient, settings: Any) -> None:
    token = service_token(ticker)
    claims = jwt.decode(token, options={"verify_signature": False})

    assert introspect(gateway, token) == {
        "active": True,
        "token_type": "Bearer",
        "iss": settings.ENVIRONMENT.public_url,
        "sub": "ticker",
        "aud": "gatehouse",
        "client_id": "ticker",
        "scope": "authz:check events:read",
        "exp": claims["exp"],
        "iat": claims["iat"],
        "jti": claims["jti"],
    }


def test_a_persons_access_token(gateway: IssuedSecret, sign_in: SignIn) -> None:
    asha = sign_in()
    claims = jwt.decode(asha.tokens["access_token"], options={"verify_signature": False})

    facts = introspect(gateway, asha.tokens["access_token"])

    assert facts["active"] is True
    told = ("sub", "sid", "acr", "amr", "auth_time", "exp", "iat", "jti", "client_id", "aud", "iss")
    assert {name: facts[name] for name in told} == {name: claims[name] for name in told}
    assert set(facts) == {"active", "token_type", "scope", *told}


def test_a_refresh_token_is_good_and_is_no_access_token(
    gateway: IssuedSecret, sign_in: SignIn
) -> None:
    asha = sign_in()

    facts = introspect(gateway, asha.refresh_token)

    assert facts.pop("iat") <= time.time()
    assert time.time() < facts.pop("exp") <= time.time() + 12 * 3600
    facts.pop("iss")
    assert facts == {
        "active": True,
        "token_type": "N_A",
        "sub": asha.user.public_id,
        "client_id": "first-party",
        "sid": asha.tokens["session_id"],
    }


def test_asking_about_a_refresh_token_uses_nothing_up(
    gateway: IssuedSecret, sign_in: SignIn
) -> None:
    asha = sign_in()
    introspect(gateway, asha.refresh_token)
    renewed = post(asha.client, "/v1/auth/refresh", {"refresh_token": asha.refresh_token}).json()

    assert introspect(gateway, asha.refresh_token) == {"active": False}
    assert introspect(gateway, renewed["refresh_token"])["active"]


def test_an_api_key_says_whose_it_is_and_what_it_opens(gateway: IssuedSecret) -> None:
    person = UserFactory.create()
    issued = api_keys.create(user=person, name="bot", scopes=["me:read"])
    planted_secrets.add(issued.secret)

    facts = introspect(gateway, issued.secret)

    assert facts.pop("iat") <= time.time() < facts.pop("exp")
    facts.pop("iss")
    assert facts == {
        "active": True,
        "token_type": "Bearer",
        "sub": person.public_id,
        "client_id": issued.key.public_id,
        "scope": "me:read",
    }
    assert introspect(gateway, issued.secret[:-1]) == {"active": False}
    api_keys.revoke(key=issued.key)
    assert introspect(gateway, issued.secret) == {"active": False}


def test_the_api_key_of_somebody_who_is_shut_out_is_inactive(gateway: IssuedSecret) -> None:
    person = UserFactory.create()
    issued = api_keys.create(user=person, name="bot", scopes=["me:read"])
    planted_secrets.add(issued.secret)
    status.suspend(user=person, reason="test")

    assert introspect(gateway, issued.secret) == {"active": False}


def test_an_api_key_that_is_bound_to_networks_is_inactive(gateway: IssuedSecret) -> None:
    issued = api_keys.create(
        user=UserFactory.create(), name="bot", scopes=["me:read"], networks=["127.0.0.0/8"]
    )
    planted_secrets.add(issued.secret)

    assert introspect(gateway, issued.secret) == {"active": False}


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "nonsense"])
def test_a_hint_that_misleads_does_no_harm(
    gateway: IssuedSecret, sign_in: SignIn, hint: str
) -> None:
    asha = sign_in()

    for token in (asha.tokens["access_token"], asha.refresh_token):
        assert introspect(gateway, token, token_type_hint=hint)["active"]


def sign_out(asha: SignedIn) -> None:
    post(asha.client, "/v1/auth/logout", {})


def suspend(asha: SignedIn) -> None:
    status.suspend(user=asha.user, reason="test")


def deactivate(asha: SignedIn) -> None:
    status.deactivate(user=asha.user, reason="test")


@pytest.mark.parametrize("end", [sign_out, suspend, deactivate])
def test_what_ended_is_inactive_at_once(gateway: IssuedSecret, sign_in: SignIn, end: Any) -> None:
    asha = sign_in()
    assert introspect(gateway, asha.tokens["access_token"])["active"]

    end(asha)

    for token in (asha.tokens["access_token"], asha.refresh_token):
        assert introspect(gateway, token) == {"active": False}


def test_a_client_that_is_disabled_has_no_good_tokens(
    gateway: IssuedSecret, ticker: ServiceClient
) -> None:
    token = service_token(ticker)
    service_clients.disable(client_id="ticker")

    assert introspect(gateway, token) == {"active": False}


def test_scopes_that_were_taken_away_are_not_told(
    gateway: IssuedSecret, ticker: ServiceClient, sign_in: SignIn
) -> None:
    token = service_token(ticker)
    service_clients.update(client_id="ticker", scopes=["events:read"])
    assert introspect(gateway, token)["scope"] == "events:read"

    person = UserFactory.create(password="correct horse battery staple")
    grant_role(user=person, role="support", granted_by=None, reason="test")
    support = sign_in(person)
    assert introspect(gateway, support.tokens["access_token"])["scope"]
    revoke_role(user=person, role="support", revoked_by=None, reason="test")
    assert introspect(gateway, support.tokens["access_token"])["scope"] == ""


def test_an_expired_token_is_inactive(gateway: IssuedSecret, ticker: ServiceClient) -> None:
    token = service_token(ticker)

    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=10)):
        assert introspect(gateway, token) == {"active": False}


def test_a_token_of_a_revoked_key_is_inactive(gateway: IssuedSecret, ticker: ServiceClient) -> None:
    token = service_token(ticker)
    signing_keys.revoke(kid=active_key().kid, reason="leaked")

    assert introspect(gateway, token) == {"active": False}


@pytest.mark.parametrize(
    "token",
    [
        " ",
        "x",
        "a.b.c",
        "....",
        "\x00",
        "é" * 64,
        "A" * 64,
        "A" * 200_000,
        "' OR 1=1 --",
        "e30.e30.e30",
        "\ud7ff",
        "Bearer x",
    ],
    ids=lambda text: text[:8].encode("unicode_escape").decode(),
)
def test_a_malformed_token_is_inactive_and_no_error(gateway: IssuedSecret, token: str) -> None:
    assert introspect(gateway, token) == {"active": False}


def test_bytes_that_are_no_utf_8_are_an_unknown_token(gateway: IssuedSecret) -> None:
    from django.test import Client

    answer = Client().post(
        URL,
        "token=%FF%FE",
        content_type="application/x-www-form-urlencoded",
        headers={"Authorization": basic("gateway", gateway.secret)},
    )

    assert (answer.status_code, answer.json()) == (200, {"active": False})


def test_forged_tokens_are_inactive(gateway: IssuedSecret) -> None:
    claims = person_claims()
    key = active_key()

    assert introspect(gateway, signed(claims, key=key)) == {"active": False}, "no such session"
    for forged in (
        signed(claims, key=key, typ="JWT"),
        signed({**claims, "aud": "elsewhere"}, key=key),
        jwt.encode(claims, "a secret that is long enough for HS256", headers={"kid": key.kid}),
    ):
        assert introspect(gateway, forged) == {"active": False}


def test_a_token_bound_to_a_certificate_says_so_wherever_the_question_comes_from(
    gateway: IssuedSecret, ticker: ServiceClient
) -> None:
    thumbprint = "A" * 43
    service_clients.update(client_id="ticker", certificates=[thumbprint])
    client = ServiceClient.objects.get(client_id="ticker")
    token = access_tokens.issue_service_token(
        client=client, scopes=client.scopes, certificate=thumbprint
    ).token

    assert introspect(gateway, token)["cnf"] == {"x5t#S256": thumbprint}


def test_the_token_is_needed(gateway: IssuedSecret) -> None:
    answer = post_form(URL, {}, basic("gateway", gateway.secret))

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_client_without_the_scope_learns_nothing(ticker: ServiceClient, sign_in: SignIn) -> None:
    secret = service_clients.rotate_secret(client_id="ticker").secret

    answer = post_form(URL, {"token": sign_in().refresh_token}, basic("ticker", secret))

    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer["WWW-Authenticate"]
    assert "active" not in answer.json()


def test_a_stranger_learns_nothing(ticker: ServiceClient) -> None:
    for authorization in (None, basic("gateway", "wrong"), "Bearer nonsense", "Digest x"):
        answer = post_form(URL, {"token": service_token(ticker)}, authorization)
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith(("Basic", "Bearer"))


def test_people_do_not_introspect(sign_in: SignIn) -> None:
    asha = sign_in()
    bearer = f"Bearer {asha.tokens['access_token']}"

    assert post_form(URL, {"token": asha.refresh_token}, bearer).status_code == 403


def test_every_way_of_authentication_asks(ticker: ServiceClient) -> None:
    pair = key_pair("ES256")
    issued = service_clients.create(name="g", client_id="gateway", scopes=["introspect"])
    service_clients.update(client_id="gateway", keys=ClientKeys(jwks=jwks(pair)))
    token = service_token(ticker)
    assertion = assertion_form(pair.assertion("gateway"), token=token)
    del assertion["grant_type"]
    own = access_tokens.issue_service_token(client=issued.client, scopes=["introspect"]).token

    answers = [
        post_form(URL, {"token": token}, basic("gateway", issued.secret)),
        post_form(URL, {"token": token, "client_id": "gateway", "client_secret": issued.secret}),
        post_form(URL, assertion),
        post_form(URL, {"token": token}, f"Bearer {own}"),
        post_form(URL, {"token": token}, f"bearer {own}"),
    ]

    assert [answer.status_code for answer in answers] == [200] * 5
    assert [answer.json()["sub"] for answer in answers] == ["ticker"] * 5


def test_a_bearer_token_asked_for_without_the_scope_does_not_introspect(
    gateway: IssuedSecret, ticker: ServiceClient
) -> None:
    client = service_clients.update(client_id="gateway", scopes=["introspect", "events:read"])
    own = access_tokens.issue_service_token(client=client, scopes=["events:read"]).token

    assert post_form(URL, {"token": service_token(ticker)}, f"Bearer {own}").status_code == 403


def test_guesses_at_secrets_wait(ticker: ServiceClient) -> None:
    guesses = [
        post_form(URL, {"token": "x"}, basic("gateway", "wrong"), REMOTE_ADDR="2001:db8:77::1")
        for _ in range(70)
    ]

    assert {answer.status_code for answer in guesses} == {401, 429}


def test_json_is_not_read(gateway: IssuedSecret) -> None:
    from django.test import Client

    answer = Client().post(URL, '{"token": "x"}', content_type="application/json")

    assert answer.status_code == 415
