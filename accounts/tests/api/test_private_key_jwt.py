"""`private_key_jwt` at the token endpoint: an assertion that a client has signed, once, for us; and every other one."""

import base64
import hashlib
import hmac
import json
import threading
import time
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.db import connection
from django.test import Client

from accounts import tasks
from accounts.metrics import CLIENT_AUTHENTICATIONS
from accounts.models import ServiceClient, UsedAssertion
from accounts.services import access_tokens, service_clients, signing_keys
from accounts.services.service_clients import ClientKeys
from accounts.tests.client_keys import (
    FORM,
    ClientKeyPair,
    assertion_claims,
    assertion_form,
    jwks,
    key_pair,
    unsigned,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_key")]

URL = "/v1/oauth/token"
ES256 = key_pair("ES256")


@pytest.fixture
def orders() -> ServiceClient:
    return register(ES256)


def register(*pairs: ClientKeyPair, client_id: str = "orders") -> ServiceClient:
    return service_clients.create_with_keys(
        name="Orders",
        client_id=client_id,
        scopes=["authz:check", "events:read"],
        keys=ClientKeys(jwks=jwks(*pairs)),
    )


def ask(assertion: str, **more: str) -> Any:
    return Client().post(URL, urlencode(assertion_form(assertion, **more)), content_type=FORM)


def assert_refused(answer: Any) -> None:
    assert answer.status_code == 401, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    document = answer.json()
    assert document["error"] == "invalid_client"
    assert document["error_description"] == "Client authentication failed"


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
    assert (claims.sub, claims.scope) == ("orders", {"events:read"})
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
    start = threading.Barrier(20)
    statuses: list[int] = []

    def replay() -> None:
        start.wait()
        try:
            statuses.append(ask(assertion).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=replay) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [200] + [401] * 19
    assert UsedAssertion.objects.count() == 1


NOW = int(time.time())


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://other.example.com"},
        {"aud": ["https://other.example.com", "http://127.0.0.1:8000"]},
        {"aud": []},
        {"aud": None},
        {"aud": "http://127.0.0.1:8000/"},
        {"aud": "http://127.0.0.1:8000/v1/oauth/introspect"},
        {"aud": {"http://127.0.0.1:8000": 1}},
        {"iss": "other"},
        {"iss": None},
        {"iss": "http://127.0.0.1:8000"},
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
    ids=str,
)
def test_claims_that_are_not_for_us_from_the_client_and_now_are_refused(
    orders: ServiceClient, claims: dict[str, Any]
) -> None:
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


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", None, 1, ["ES256"]])
def test_an_assertion_without_a_signature_is_refused(orders: ServiceClient, algorithm: Any) -> None:
    header = {"alg": algorithm, "kid": "key-1"}

    assert_refused(ask(unsigned(header, assertion_claims("orders"))))
    assert_refused(ask(unsigned(header, assertion_claims("orders"), b"x" * 64)))


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_a_public_key_is_no_shared_secret(algorithm: str) -> None:
    pair = key_pair("RS256")
    register(pair)
    pem = pair.private_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    header = {"alg": algorithm, "kid": "key-1"}
    body = unsigned(header, assertion_claims("orders"))[:-1]

    for secret in (pem, json.dumps(pair.jwk).encode(), pair.jwk["n"].encode()):
        digest = hmac.new(secret, body.encode(), f"sha{algorithm[2:]}").digest()
        signature = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        assert_refused(ask(f"{body}.{signature}"))


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS384", "PS512"])
def test_other_algorithms_of_the_same_key_are_refused(algorithm: str) -> None:
    pair = key_pair("RS256")
    register(pair)

    weaker = ClientKeyPair(pair.kid, algorithm, pair.private_key)

    assert_refused(ask(weaker.assertion("orders")))


def test_a_key_that_says_its_algorithm_is_good_for_that_one_alone() -> None:
    pair = key_pair("RS256")
    register(pair)
    service_clients.update(
        client_id="orders", keys=ClientKeys(jwks={"keys": [{**pair.jwk, "alg": "PS256"}]})
    )

    assert_refused(ask(pair.assertion("orders")))
    assert (
        ask(ClientKeyPair("key-1", "PS256", pair.private_key).assertion("orders")).status_code
        == 200
    )


def test_an_algorithm_of_another_family_is_refused() -> None:
    pair = key_pair("RS256")
    register(pair)
    elliptic = ClientKeyPair("key-1", "ES256", ec.generate_private_key(ec.SECP256R1()))

    assert_refused(ask(elliptic.assertion("orders")))


@pytest.mark.parametrize(
    "kid",
    [
        "",
        "unknown",
        "../../../../dev/null",
        "https://evil.example/jwks.json",
        "' OR 1=1 --",
        "*",
        "\x00",
        "k" * 3000,
    ],
)
def test_a_kid_chooses_among_the_clients_keys_and_does_nothing_else(
    orders: ServiceClient, kid: str
) -> None:
    assert_refused(ask(ES256.assertion("orders", headers={"kid": kid})))


@pytest.mark.parametrize("kid", [1, ["key-1"], {"key-1": 1}, True])
def test_a_kid_that_is_no_text_is_refused(orders: ServiceClient, kid: Any) -> None:
    _, claims, signature = ES256.assertion("orders").split(".")
    forged = unsigned({"alg": "ES256", "kid": kid}, {}).split(".")[0]

    assert_refused(ask(f"{forged}.{claims}.{signature}"))


def test_keys_that_the_header_brings_along_are_not_looked_at(
    orders: ServiceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from config.http import outbound

    monkeypatch.setattr(outbound, "send", lambda *_, **__: pytest.fail("something was fetched"))
    mallory = ClientKeyPair("key-1", "ES256", ec.generate_private_key(ec.SECP256R1()))
    brought = {
        "jwk": mallory.jwk,
        "jku": "https://evil.example/jwks.json",
        "x5u": "https://evil.example/chain.pem",
        "x5c": ["MIIB"],
    }

    assert_refused(ask(mallory.assertion("orders", headers=brought)))
    assert ask(ES256.assertion("orders", headers=brought)).status_code == 200


@pytest.mark.parametrize(
    "header", [{"crit": ["exp"], "exp": 1}, {"b64": False, "crit": ["b64"]}, {"typ": "at+jwt"}]
)
def test_a_header_that_changes_the_meaning_is_refused(
    orders: ServiceClient, header: dict[str, Any]
) -> None:
    claims = ES256.assertion("orders").split(".")[1]
    protected = unsigned({"alg": "ES256", "kid": "key-1", **header}, {}).split(".")[0]
    body = f"{protected}.{claims}"
    signature = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256, ec.SECP256R1).sign(
        body.encode(), ES256.private_key
    )

    assert_refused(ask(f"{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"))


def test_our_own_access_token_is_no_assertion(orders: ServiceClient) -> None:
    assert_refused(ask(access_tokens.issue_service_token(client=orders, scopes=[]).token))


@pytest.mark.parametrize(
    "text",
    ["", "x", "a.b", "a.b.c", "a.b.c.d", "....", "é.é.é", "\x00.\x00.\x00", "e30.e30.e30"],
)
def test_what_is_no_jwt_is_refused(orders: ServiceClient, text: str) -> None:
    answer = ask(text or "-")

    assert_refused(answer)


@pytest.mark.parametrize("segment", [b"[]", b"1", b'"x"', b"null", b"\xff", b"[" * 5000, b"{"])
def test_segments_that_are_no_objects_are_refused(orders: ServiceClient, segment: bytes) -> None:
    header, claims, signature = ES256.assertion("orders").split(".")
    odd = base64.urlsafe_b64encode(segment).rstrip(b"=").decode()

    assert_refused(ask(f"{odd}.{claims}.{signature}"))
    assert_refused(ask(f"{header}.{odd}.{signature}"))


def test_a_very_long_assertion_is_refused_unread(orders: ServiceClient) -> None:
    assert_refused(ask(ES256.assertion("orders", padding="x" * 9000)))


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


def test_a_changed_signature_is_refused(orders: ServiceClient) -> None:
    header, claims, signature = ES256.assertion("orders").split(".")
    flipped = bytearray(base64.urlsafe_b64decode(signature + "=="))
    flipped[0] ^= 1

    assert_refused(
        ask(f"{header}.{claims}.{base64.urlsafe_b64encode(flipped).rstrip(b'=').decode()}")
    )


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
