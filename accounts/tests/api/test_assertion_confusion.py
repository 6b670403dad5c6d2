"""Assertions that look like a client's and are not: each is refused, each in the same words."""

import base64
import hmac
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from accounts.models import ServiceClient
from accounts.services import access_tokens, service_clients
from accounts.services.service_clients import ClientKeys
from accounts.tests.api.asserting import ask, assert_refused, register
from accounts.tests.client_keys import ClientKeyPair, assertion_claims, key_pair, unsigned

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_key")]

ES256 = key_pair("ES256")


@pytest.fixture
def orders() -> ServiceClient:
    return register(ES256)


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


def test_a_changed_signature_is_refused(orders: ServiceClient) -> None:
    header, claims, signature = ES256.assertion("orders").split(".")
    flipped = bytearray(base64.urlsafe_b64decode(signature + "=="))
    flipped[0] ^= 1

    assert_refused(
        ask(f"{header}.{claims}.{base64.urlsafe_b64encode(flipped).rstrip(b'=').decode()}")
    )
