"""`private_key_jwt` at the token endpoint: an assertion that a client has signed, once, for us; and every other one."""

import hashlib
import time
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.test import Client

from accounts import tasks
from accounts.metrics import CLIENT_AUTHENTICATIONS
from accounts.models import ServiceClient, UsedAssertion
from accounts.services import access_tokens, service_clients, signing_keys
from accounts.services.service_clients import ClientKeys
from accounts.tests.api.asserting import URL, ask, assert_refused, register
from accounts.tests.client_keys import (
    FORM,
    ClientKeyPair,
    assertion_claims,
    assertion_form,
    jwks,
    key_pair,
)
from tests.racing import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_key")]

ES256 = key_pair("ES256")


@pytest.fixture
def orders() -> ServiceClient:
    return register(ES256)


def counted(outcome: str) -> float:
    return float(CLIENT_AUTHENTICATIONS.labels("private_key_jwt", outcome)._value.get())


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
def test_an_assertion_gets_a_token(algorithm: str) -> None:
    pair = key_pair(algorithm)
    register(pair)
    before = counted("success")

    answer = ask(pair.assertion("orders"), scope="events:read")

    assert answer.status_code == 200, answer.content
    claims = access_tokens.verify(answer.json()["access_token"])
    assert claims.sub == "orders"
    assert claims.scope == {"events:read"}
    assert counted("success") == before + 1


@pytest.mark.parametrize("audience", ["issuer", "token endpoint", "a list of one"])
def test_the_audience_is_our_issuer_or_our_token_endpoint(
    orders: ServiceClient, environment: Any, audience: str
) -> None:
    environment(public_url="https://id.example.com")
    aud = {
        "issuer": "https://id.example.com",
        "token endpoint": "https://id.example.com/v1/oauth/token",
        "a list of one": ["https://id.example.com"],
    }[audience]

    assert ask(ES256.assertion("orders", aud=aud)).status_code == 200


def test_the_client_may_say_its_id_beside_the_assertion(orders: ServiceClient) -> None:
    assert ask(ES256.assertion("orders"), client_id="orders").status_code == 200
    assert_refused(ask(ES256.assertion("orders"), client_id="other"))


def test_the_key_need_not_be_named_when_one_alone_fits(orders: ServiceClient) -> None:
    assert ask(ES256.assertion("orders", headers={"kid": None})).status_code == 200


def test_with_several_keys_the_assertion_names_its_own() -> None:
    second = key_pair("ES256", "key-2")
    register(ES256, second)

    assert ask(ES256.assertion("orders")).status_code == 200
    assert ask(second.assertion("orders")).status_code == 200
    assert_refused(ask(second.assertion("orders", headers={"kid": None})))
    assert_refused(ask(second.assertion("orders", headers={"kid": "key-1"})))


def test_an_assertion_is_good_once(orders: ServiceClient) -> None:
    assertion = ES256.assertion("orders")
    before = counted("replayed")

    assert ask(assertion).status_code == 200
    assert_refused(ask(assertion))
    assert counted("replayed") == before + 1


def test_a_jti_is_used_once_whatever_else_the_assertion_says(orders: ServiceClient) -> None:
    assert ask(ES256.assertion("orders", jti="one")).status_code == 200
    assert_refused(ask(ES256.assertion("orders", jti="one", exp=int(time.time()) + 100)))
    assert ask(ES256.assertion("orders", jti="two")).status_code == 200


def test_clients_do_not_share_their_jtis(orders: ServiceClient) -> None:
    register(ES256, client_id="other")

    assert ask(ES256.assertion("orders", jti="one")).status_code == 200
    assert ask(ES256.assertion("other", jti="one")).status_code == 200


def test_an_assertion_that_was_refused_for_its_signature_uses_nothing_up(
    orders: ServiceClient,
) -> None:
    stranger = ClientKeyPair("key-1", "ES256", ec.generate_private_key(ec.SECP256R1()))

    assert_refused(ask(stranger.assertion("orders", jti="mine")))
    assert ask(ES256.assertion("orders", jti="mine")).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_twenty_threads_with_one_assertion_one_gets_a_token() -> None:
    signing_keys.ensure_first()
    register(ES256)
    assertion = ES256.assertion("orders")

    answers = at_once(*[lambda: ask(assertion)] * 20)

    statuses = [answer.status_code for answer in answers]
    assert sorted(statuses) == [200] + [401] * 19
    assert UsedAssertion.objects.count() == 1


NOW = int(time.time())
US = "https://id.example.com"


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://other.example.com"},
        {"aud": ["https://other.example.com", US]},
        {"aud": [US, "https://other.example.com"]},
        {"aud": []},
        {"aud": None},
        {"aud": f"{US}/"},
        {"aud": f"{US}/v1/oauth/introspect"},
        {"aud": {US: 1}},
        {"iss": "other"},
        {"iss": None},
        {"iss": US},
        {"exp": NOW - 60},
        {"exp": NOW - 3600, "iat": NOW - 3660},
        {"exp": None},
        {"exp": "never"},
        {"exp": True},
        {"exp": 1e300},
        {"exp": NOW + 24 * 3600},
        {"exp": NOW + 3600, "iat": NOW - 3600},
        {"exp": 10**30},
        {"iat": NOW + 3600, "exp": NOW + 3660},
        {"iat": None},
        {"iat": "now"},
        {"nbf": NOW + 3600},
        {"nbf": "now"},
        {"jti": None},
        {"jti": ""},
        {"jti": 1},
        {"jti": "x" * 256},
    ],
    ids="-".join,  # names alone: times differ from process to process
)
def test_claims_that_are_not_for_us_from_the_client_and_now_are_refused(
    orders: ServiceClient, environment: Any, claims: dict[str, Any]
) -> None:
    environment(public_url=US)

    assert_refused(ask(ES256.assertion("orders", **claims)))
    assert not UsedAssertion.objects.exists()


def test_the_longest_life_is_a_setting(orders: ServiceClient, environment: Any) -> None:
    now = int(time.time())
    assert ask(ES256.assertion("orders", exp=now + 600)).status_code == 200

    environment(client_assertion_lifetime=300)

    assert_refused(ask(ES256.assertion("orders", exp=now + 600)))
    assert_refused(ask(ES256.assertion("orders", iat=now - 290, exp=now + 250)))


@pytest.mark.parametrize("subject", [None, "", "nobody", 1, "orders\x00", "O" * 5000, ["orders"]])
def test_a_subject_that_is_no_client_is_refused(orders: ServiceClient, subject: Any) -> None:
    assert_refused(ask(ES256.assertion("orders", sub=subject, iss=subject)))


def test_a_client_cannot_speak_for_another(orders: ServiceClient) -> None:
    other = key_pair("ES256", "theirs")
    register(other, client_id="other")

    assert_refused(ask(other.assertion("orders")))
    assert_refused(ask(other.assertion("other", sub="orders")))
    assert_refused(ask(other.assertion("orders", iss="other")))


def test_a_client_without_keys_proves_nothing_by_an_assertion() -> None:
    secret = service_clients.create(name="t", client_id="orders", scopes=["authz:check"]).secret
    header = {"alg": "HS256", "typ": "JWT"}

    assert_refused(ask(jwt.encode(assertion_claims("orders"), secret, headers=header)))
    assert_refused(ask(ES256.assertion("orders")))


def test_a_disabled_client_gets_nothing(orders: ServiceClient) -> None:
    service_clients.disable(client_id="orders")

    assert_refused(ask(ES256.assertion("orders")))


def test_a_key_that_was_replaced_proves_nothing_any_more(orders: ServiceClient) -> None:
    new = key_pair("ES256", "key-2")
    service_clients.update(client_id="orders", keys=ClientKeys(jwks=jwks(new)))

    assert_refused(ask(ES256.assertion("orders")))
    assert ask(new.assertion("orders")).status_code == 200


def test_an_assertion_of_another_type_is_not_read(orders: ServiceClient) -> None:
    answer = ask(ES256.assertion("orders"), client_assertion_type="urn:saml")

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_two_ways_of_authentication_at_once_are_refused(orders: ServiceClient) -> None:
    for more in ({"client_secret": "x"}, {}):
        headers = {} if more else {"Authorization": "Basic b3JkZXJzOng="}
        answer = Client().post(
            URL,
            urlencode(assertion_form(ES256.assertion("orders"), **more)),
            content_type=FORM,
            headers=headers,
        )
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_the_assertion_is_kept_as_a_hash_and_forgotten_when_it_has_run_out(
    orders: ServiceClient,
) -> None:
    import time_machine

    ask(ES256.assertion("orders", jti="known", exp=int(time.time()) + 60))
    row = UsedAssertion.objects.get()
    assert bytes(row.jti_hash) == hashlib.sha256(b"known").digest()

    tasks.forget_expired()
    assert UsedAssertion.objects.exists()
    with time_machine.travel(time.time() + 61):
        tasks.forget_expired()
        assert UsedAssertion.objects.exists(), "it would still pass, thanks to the leeway"
    with time_machine.travel(time.time() + 70):
        tasks.forget_expired()
    assert not UsedAssertion.objects.exists()


def test_weak_keys_cannot_be_registered() -> None:
    from accounts.errors import InvalidServiceClientError

    small = ClientKeyPair("k", "RS256", rsa.generate_private_key(65537, 1024))  # noqa: S505

    with pytest.raises(InvalidServiceClientError):
        register(small)
