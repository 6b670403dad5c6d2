"""`POST /v1/oauth/token`: a service client's secret for a token, and every way of not getting one."""

import base64
from datetime import timedelta
from ipaddress import IPv6Address
from typing import Any
from urllib.parse import quote_plus
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import ClientSecret, SigningKey
from accounts.models.service_client import SecretState
from accounts.services import access_tokens, service_clients
from accounts.services.service_clients import IssuedSecret

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_key")]

URL = "/v1/oauth/token"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def ticker() -> IssuedSecret:
    return service_clients.create(
        name="ticker", client_id="ticker", scopes=["authz:check", "events:read"]
    )


def basic(client_id: str, secret: str) -> str:
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"


def ask(
    body: str = "grant_type=client_credentials",
    authorization: str | None = None,
    *,
    content_type: str = FORM,
    address: str = "127.0.0.1",
) -> Any:
    headers = {} if authorization is None else {"Authorization": authorization}
    client = Client(REMOTE_ADDR=address)
    return client.post(URL, body, content_type=content_type, headers=headers)


def some_address() -> str:
    """An address that no other test comes from, so that its bucket is full."""
    return str(IPv6Address(uuid4().int))


def assert_oauth_error(answer: Any, status: int, error: str) -> None:
    """RFC 6749 section 5.2 and RFC 9457 in one document."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Cache-Control"] == "no-store"
    document = answer.json()
    assert document["error"] == error
    assert document["error_description"].isascii()
    assert not set(document["error_description"]) & set('"\\')
    assert document["status"] == status
    assert document["type"].endswith("/errors/oauth-" + error.replace("_", "-"))


def test_a_secret_in_the_header_gets_a_token(ticker: IssuedSecret) -> None:
    answer = ask(authorization=basic("ticker", ticker.secret))

    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert answer["Pragma"] == "no-cache"
    assert answer["Content-Type"] == "application/json"
    body = answer.json()
    claims = access_tokens.verify(body["access_token"])
    assert (claims.sub, claims.is_service) == ("ticker", True)
    assert claims.scope == {"authz:check", "events:read"}
    assert {name: body[name] for name in ("token_type", "expires_in", "scope")} == {
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": "authz:check events:read",
    }
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}


def test_a_secret_in_the_form_gets_a_token(ticker: IssuedSecret) -> None:
    answer = ask(
        f"grant_type=client_credentials&client_id=ticker&client_secret={ticker.secret}"
        "&scope=events%3Aread"
    )

    assert answer.json()["scope"] == "events:read"
    assert access_tokens.verify(answer.json()["access_token"]).scope == {"events:read"}


def test_id_and_secret_in_the_header_are_form_encoded(ticker: IssuedSecret) -> None:
    escaped = "".join(f"%{ord(character):02X}" for character in ticker.secret)
    pair = base64.b64encode(f"ticker:{escaped}".encode()).decode()

    assert ask(authorization=f"bAsIc {pair}").status_code == 200


def test_the_client_id_may_be_said_again_in_the_form(ticker: IssuedSecret) -> None:
    answer = ask("grant_type=client_credentials&client_id=ticker", basic("ticker", ticker.secret))

    assert answer.status_code == 200


def test_a_part_of_the_scopes_may_be_asked_for_in_any_order(ticker: IssuedSecret) -> None:
    answer = ask(
        "grant_type=client_credentials&scope=events:read+authz:check+events:read",
        basic("ticker", ticker.secret),
    )

    assert answer.json()["scope"] == "authz:check events:read"


@pytest.mark.parametrize("empty", ["&scope=", "&scope=+", "&nonsense=1", "&client_secret="])
def test_parameters_that_are_empty_or_unknown_do_not_count(
    ticker: IssuedSecret, empty: str
) -> None:
    answer = ask(f"grant_type=client_credentials{empty}", basic("ticker", ticker.secret))

    assert answer.json()["scope"] == "authz:check events:read"


@pytest.mark.parametrize("scope", ["audit:read", "authz:check audit:read", "AUTHZ:CHECK", "ö", '"'])
def test_a_scope_that_was_not_granted_is_refused(ticker: IssuedSecret, scope: str) -> None:
    answer = ask(
        f"grant_type=client_credentials&scope={quote_plus(scope)}", basic("ticker", ticker.secret)
    )

    assert_oauth_error(answer, 400, "invalid_scope")


def test_unknown_clients_and_wrong_secrets_get_one_answer(ticker: IssuedSecret) -> None:
    other = service_clients.create(name="o", client_id="other", scopes=["events:read"])
    service_clients.disable(client_id="other")
    answers = [
        ask(authorization=authorization)
        for authorization in (
            basic("nobody", ticker.secret),
            basic("nobody", "wrong"),
            basic("ticker", "wrong"),
            basic("ticker", other.secret),
            basic("ticker", ""),
            basic("", ticker.secret),
            basic("ticker", ticker.secret[:-1]),
            basic("other", other.secret),
            basic("ticker\x00", ticker.secret),
        )
    ]

    for answer in answers:
        assert_oauth_error(answer, 401, "invalid_client")
        assert answer["WWW-Authenticate"] == 'Basic realm="gatehouse", charset="UTF-8"'
    documents = [{**answer.json(), "request_id": ""} for answer in answers]
    assert all(document == documents[0] for document in documents)


def test_an_unknown_client_costs_the_queries_of_a_wrong_secret(
    ticker: IssuedSecret, django_assert_num_queries: Any
) -> None:
    for client_id in ("ticker", "nobody"):
        with django_assert_num_queries(1):
            ask(authorization=basic(client_id, "wrong"))


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"ticker:\xff").decode(),
        "Basic " + base64.b64encode(b"ticker:%FF").decode(),
        "Bearer abc",
        "Digest username=ticker",
    ],
)
def test_a_header_that_cannot_be_read_proves_nobody(authorization: str) -> None:
    assert_oauth_error(ask(authorization=authorization), 401, "invalid_client")


@pytest.mark.parametrize("body", ["", "&client_id=ticker", "&client_secret=x"])
def test_a_request_without_credentials_proves_nobody(body: str) -> None:
    assert_oauth_error(ask(f"grant_type=client_credentials{body}"), 401, "invalid_client")


def test_a_secret_in_the_address_is_not_read(ticker: IssuedSecret) -> None:
    answer = Client().post(
        f"{URL}?grant_type=client_credentials&client_id=ticker&client_secret={ticker.secret}",
        "",
        content_type=FORM,
    )

    assert_oauth_error(answer, 400, "invalid_request")


def test_two_ways_of_authentication_at_once_are_refused(ticker: IssuedSecret) -> None:
    answer = ask(
        f"grant_type=client_credentials&client_secret={ticker.secret}",
        basic("ticker", ticker.secret),
    )

    assert_oauth_error(answer, 400, "invalid_request")


def test_header_and_form_must_mean_the_same_client(ticker: IssuedSecret) -> None:
    answer = ask("grant_type=client_credentials&client_id=other", basic("ticker", ticker.secret))

    assert_oauth_error(answer, 400, "invalid_request")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "scope=authz:check",
        "grant_type=",
        "grant_type=client_credentials&grant_type=client_credentials",
        "grant_type=client_credentials&scope=a&scope=b",
        "grant_type=%FF",
        "grant_type=client_credentials&" + "&".join(f"p{number}=1" for number in range(40)),
    ],
)
def test_a_form_that_is_not_well_made_is_refused(ticker: IssuedSecret, body: str) -> None:
    assert_oauth_error(ask(body, basic("ticker", ticker.secret)), 400, "invalid_request")


def test_a_form_that_is_not_ascii_is_refused() -> None:
    answer = Client().post(URL, b"grant_type=\xff\xfe", content_type=FORM)

    assert_oauth_error(answer, 400, "invalid_request")


@pytest.mark.parametrize(
    "grant_type", ["password", "authorization_code", "refresh_token", "CLIENT_CREDENTIALS", "x"]
)
def test_another_grant_is_not_supported(ticker: IssuedSecret, grant_type: str) -> None:
    answer = ask(f"grant_type={grant_type}", basic("ticker", ticker.secret))

    assert_oauth_error(answer, 400, "unsupported_grant_type")


def test_json_is_not_what_the_endpoint_reads() -> None:
    answer = ask('{"grant_type": "client_credentials"}', content_type="application/json")

    assert answer.status_code == 415
    assert answer["Content-Type"] == "application/problem+json"


def test_the_endpoint_knows_post_alone() -> None:
    assert Client().get(URL).status_code == 405


def test_a_disabled_client_gets_no_token_and_those_it_has_are_refused(
    ticker: IssuedSecret,
) -> None:
    token = ask(authorization=basic("ticker", ticker.secret)).json()["access_token"]

    service_clients.disable(client_id="ticker")

    assert_oauth_error(ask(authorization=basic("ticker", ticker.secret)), 401, "invalid_client")
    with pytest.raises(access_tokens.InvalidTokenError):
        access_tokens.verify(token)


def test_both_secrets_work_while_one_is_replaced(ticker: IssuedSecret) -> None:
    new = service_clients.rotate_secret(client_id="ticker")

    for secret in (ticker.secret, new.secret):
        assert ask(authorization=basic("ticker", secret)).status_code == 200


def test_a_replaced_secret_ends_with_its_overlap(ticker: IssuedSecret) -> None:
    new = service_clients.rotate_secret(client_id="ticker")
    ClientSecret.objects.filter(state=SecretState.OUTGOING).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )

    assert_oauth_error(ask(authorization=basic("ticker", ticker.secret)), 401, "invalid_client")
    assert ask(authorization=basic("ticker", new.secret)).status_code == 200


def test_without_a_signing_key_the_answer_is_that_we_are_not_ready(
    ticker: IssuedSecret, signing_key: SigningKey
) -> None:
    from accounts.services import signing_keys

    for key in SigningKey.objects.published():
        signing_keys.revoke(kid=key.kid, reason="test")
    for key in SigningKey.objects.published():
        key.delete()
    service_clients.update(client_id="ticker", name="renewed", scopes=["authz:check"])

    answer = ask(authorization=basic("ticker", ticker.secret))

    assert answer.status_code == 503
    assert answer.json()["type"].endswith("/errors/no-signing-key")


def answers_until_refused(**request: Any) -> list[Any]:
    """As many answers as the limit lets through, whatever it refills meanwhile, and the refusal."""
    answers = [ask(**request)]
    while answers[-1].status_code != 429 and len(answers) < 500:
        answers.append(ask(**request))
    return answers


def test_a_client_that_asks_too_often_waits() -> None:
    client = service_clients.create(name="busy", scopes=["authz:check"])
    *let_through, refused = answers_until_refused(
        authorization=basic(client.client.client_id, client.secret), address=some_address()
    )

    assert {answer.status_code for answer in let_through} == {200}
    assert len(let_through) >= 60
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) >= 1
    assert '"oauth-token-client";q=60;w=60' in let_through[0]["RateLimit-Policy"]


def test_a_stranger_cannot_use_up_a_clients_limit() -> None:
    client = service_clients.create(name="busy", scopes=["authz:check"])
    client_id, address = client.client.client_id, some_address()
    for _ in range(61):
        ask(authorization=basic(client_id, "wrong"), address=address)

    assert ask(authorization=basic(client_id, client.secret)).status_code == 200


def test_an_address_that_tries_too_often_waits() -> None:
    *let_through, refused = answers_until_refused(
        authorization=basic("ticker", "wrong"), address=some_address()
    )

    assert len(let_through) >= 120
    assert refused.status_code == 429


def test_the_secret_is_nowhere_in_a_refusal(ticker: IssuedSecret) -> None:
    for body in (
        f"grant_type=x&client_secret={ticker.secret}",
        f"grant_type=client_credentials&client_id=nobody&client_secret={ticker.secret}",
        f"grant_type=client_credentials&client_secret={ticker.secret}&client_secret=1",
    ):
        assert ticker.secret.encode() not in ask(body).content
