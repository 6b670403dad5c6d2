"""Tokens that look like ours and are not: each is refused, each in the same words."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.errors import InvalidTokenError
from accounts.services import access_tokens, jwk, service_clients
from accounts.tests.forging import (
    active_key,
    assembled,
    person_claims,
    private_key_of,
    public_pem,
    signed,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_key")]


def assert_refused(token: str) -> None:
    with pytest.raises(InvalidTokenError) as refusal:
        access_tokens.verify(token)
    assert refusal.value.headers["WWW-Authenticate"] == (
        'Bearer error="invalid_token", error_description="The access token is not valid"'
    )
    assert str(refusal.value) == InvalidTokenError.title


def test_the_forged_token_that_all_others_differ_from_is_believed() -> None:
    payload = person_claims()

    claims = access_tokens.verify(signed(payload, key=active_key()))

    assert claims.sub == payload["sub"]


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", None])
def test_a_token_without_a_signature_is_refused(algorithm: str | None) -> None:
    header = {"alg": algorithm, "typ": "at+jwt", "kid": active_key().kid}

    assert_refused(assembled(header, person_claims()))


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_the_public_key_is_no_shared_secret(algorithm: str) -> None:
    key = active_key()
    secrets = [public_pem(key), json.dumps(key.public_jwk).encode(), key.public_jwk["n"].encode()]
    unsigned = assembled({"alg": algorithm, "typ": "at+jwt", "kid": key.kid}, person_claims())[:-1]

    for secret in secrets:
        digest = hmac.new(secret, unsigned.encode(), f"sha{algorithm[2:]}").digest()
        signature = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        assert_refused(f"{unsigned}.{signature}")


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
def test_the_key_is_good_for_its_own_algorithm_alone(algorithm: str) -> None:
    key = active_key()
    header = {"typ": "at+jwt", "kid": key.kid}
    private = private_key_of(key)

    assert_refused(jwt.encode(person_claims(), private, algorithm=algorithm, headers=header))


@pytest.mark.parametrize(
    "typ", ["JWT", "jwt", "id_token", "application/at+jwt", "AT+JWT", "dpop+jwt", "", None, 1]
)
def test_another_type_of_token_is_refused(typ: Any) -> None:
    assert_refused(signed(person_claims(), key=active_key(), typ=typ))


def test_an_id_token_is_no_access_token() -> None:
    payload = person_claims(scope=None, client_id=None, nonce="n", azp="first-party")

    assert_refused(signed(payload, key=active_key(), typ="JWT"))


@pytest.mark.parametrize(
    "kid",
    [
        "",
        "unknown",
        "../../../../dev/null",
        "/dev/null",
        "file:///etc/passwd",
        "https://evil.example/jwks.json",
        "' OR 1=1 --",
        "x' UNION SELECT 'secret",
        "*",
        "%",
        "\x00",
        "k" * 5000,
    ],
)
def test_a_kid_chooses_among_our_keys_and_does_nothing_else(kid: str) -> None:
    assert_refused(signed(person_claims(), key=active_key(), kid=kid))


@pytest.mark.parametrize("kid", [None, 1, ["a"], {"a": "b"}, True])
def test_a_kid_that_is_no_text_is_refused(kid: Any) -> None:
    key = active_key()
    genuine = signed(person_claims(), key=key)
    _, payload, signature = genuine.split(".")
    header = assembled({"alg": "RS256", "typ": "at+jwt", "kid": kid}, {}).split(".")[0]

    assert_refused(f"{header}.{payload}.{signature}")


def test_a_token_without_a_kid_is_refused() -> None:
    private = private_key_of(active_key())

    assert_refused(
        jwt.encode(person_claims(), private, algorithm="RS256", headers={"typ": "at+jwt"})
    )


def test_a_key_that_the_token_brings_along_is_not_believed() -> None:
    ours = active_key()
    theirs = jwk.generate("RS256")
    private = jwk.private_key(theirs.private_der)
    for header in (
        {"jwk": theirs.public_jwk, "kid": ours.kid},
        {"jwk": theirs.public_jwk, "kid": theirs.kid},
        {"jku": "https://evil.example/jwks.json", "kid": theirs.kid},
        {"x5u": "https://evil.example/cert.pem", "kid": ours.kid},
        {"x5c": ["MIIB"], "kid": ours.kid},
        {"kid": ours.kid},
    ):
        assert_refused(
            jwt.encode(
                person_claims(), private, algorithm="RS256", headers={"typ": "at+jwt", **header}
            )
        )


@pytest.mark.parametrize(
    "extra",
    [
        {"crit": ["exp"], "exp": 1},
        {"jku": "https://evil.example"},
        {"b64": True, "crit": ["b64"]},
        {"cty": "JWT"},
        {"zip": "DEF"},
    ],
)
def test_even_our_own_signature_does_not_carry_an_unknown_header(extra: dict[str, Any]) -> None:
    key = active_key()
    genuine = assembled({"alg": "RS256", "typ": "at+jwt", "kid": key.kid, **extra}, person_claims())
    signing_input = genuine.rsplit(".", 1)[0]
    algorithm = jwt.get_algorithm_by_name("RS256")
    signature = algorithm.sign(signing_input.encode(), private_key_of(key))
    encoded = base64.urlsafe_b64encode(signature).rstrip(b"=").decode()

    assert_refused(f"{signing_input}.{encoded}")


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "other"},
        {"aud": ["other"]},
        {"aud": []},
        {"aud": None},
        {"aud": "gatehouse2"},
        {"aud": "GATEHOUSE"},
        {"aud": {"gatehouse": True}},
        {"iss": "https://evil.example"},
        {"iss": "http://localhost:8000/"},
        {"iss": None},
        {"iss": ["http://localhost:8000"]},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": str(2**31)},
        {"exp": True},
        {"exp": 10**30},
        {"exp": -1},
        {"exp": 1e400},
        {"exp": float("nan")},
        {"iat": None},
        {"iat": "now"},
        {"iat": 1.5},
        {"iat": 10**30},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "ses_01h455vb4pex5vsknk084sn02q"},
        {"sub": "someone"},
        {"sid": ""},
        {"sid": 7},
        {"sid": "usr_01h455vb4pex5vsknk084sn02q"},
        {"client_id": None},
        {"client_id": ["first-party"]},
        {"jti": None},
        {"jti": 5},
        {"scope": None},
        {"scope": ["users:read"]},
        {"roles": None},
        {"roles": "admin"},
        {"roles": [1]},
        {"acr": None},
        {"acr": ""},
        {"amr": None},
        {"amr": "pwd"},
        {"auth_time": None},
        {"auth_time": "now"},
        {"auth_time": 10**18},
        {"nbf": "later"},
    ],
    ids=lambda changes: "-".join(f"{name}={str(value)[:20]}" for name, value in changes.items()),
)
def test_a_token_with_a_wrong_or_missing_claim_is_refused(changes: dict[str, Any]) -> None:
    assert_refused(signed(person_claims(**changes), key=active_key()))


def test_an_expired_token_is_refused() -> None:
    now = int(time.time())

    assert_refused(signed(person_claims(iat=now - 1000, exp=now - 100), key=active_key()))


@pytest.mark.parametrize("claim", ["iat", "nbf"])
def test_a_token_from_the_future_is_refused(claim: str) -> None:
    later = int(time.time()) + 120

    assert_refused(signed(person_claims(**{claim: later, "exp": later + 600}), key=active_key()))


def test_a_token_that_expires_before_it_was_issued_is_refused() -> None:
    now = int(time.time())

    assert_refused(signed(person_claims(iat=now + 3, exp=now + 2), key=active_key()))


def test_a_person_without_a_session_does_not_pass_for_a_service() -> None:
    assert_refused(signed(person_claims(sid=None), key=active_key()))


def test_a_person_does_not_pass_for_a_service_that_there_is() -> None:
    service_clients.create(name="Ticker", client_id="ticker", scopes=["authz:check"])

    assert_refused(signed(person_claims(sid=None, client_id="ticker"), key=active_key()))


def test_a_service_that_nobody_made_is_refused() -> None:
    payload = person_claims(sid=None, sub="first-party")

    assert_refused(signed(payload, key=active_key()))


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_token_with_one_character_changed_is_refused(part: int) -> None:
    parts = signed(person_claims(), key=active_key()).split(".")
    middle = len(parts[part]) // 2
    other = "A" if parts[part][middle] != "A" else "B"
    parts[part] = parts[part][:middle] + other + parts[part][middle + 1 :]

    assert_refused(".".join(parts))


def test_claims_of_one_token_under_the_signature_of_another_are_refused() -> None:
    header, _, signature = signed(person_claims(), key=active_key()).split(".")
    _, payload, _ = signed(person_claims(roles=["admin"]), key=active_key()).split(".")

    assert_refused(f"{header}.{payload}.{signature}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        "Bearer",
        "gh_pat_0123456789",
        "é.è.ê",
        "\ud800.a.b",
        "e30.e30.e30",
        "bnVsbA.bnVsbA.bnVsbA",
        "W10.W10.W10",
    ],
)
def test_what_is_no_token_at_all_is_refused(text: str) -> None:
    assert_refused(text)


def test_a_token_that_is_too_long_is_refused_unread(environment: Any) -> None:
    environment(access_token_max_length=2048)

    assert_refused(signed(person_claims(acct=["acc_" + "x" * 26] * 100), key=active_key()))


def test_a_deeply_nested_header_is_refused() -> None:
    nested = base64.urlsafe_b64encode(b"[" * 5000).decode().rstrip("=")

    assert_refused(f"{nested}.e30.e30")


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(max_size=300) | st.from_regex(r"[\w-]{0,80}\.[\w-]{0,80}\.[\w-]{0,80}"))
def test_no_text_makes_verifying_fail_in_another_way(text: str) -> None:
    assert_refused(text)


CLAIMS = [
    "iss",
    "aud",
    "sub",
    "sid",
    "client_id",
    "scope",
    "roles",
    "acr",
    "amr",
    "auth_time",
    "iat",
    "exp",
    "jti",
    "nbf",
    "acct",
]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(claim=st.sampled_from(CLAIMS), value=json_values)
def test_no_claim_of_any_kind_makes_verifying_fail_in_another_way(claim: str, value: Any) -> None:
    token = signed(person_claims() | {claim: value}, key=active_key())

    try:
        claims = access_tokens.verify(token)
    except InvalidTokenError:
        return
    assert isinstance(claims.sub, str)


def test_refused_tokens_are_not_remembered() -> None:
    remembered = len(access_tokens._remembered)
    for number in range(10):
        assert_refused(f"{hashlib.sha256(bytes([number])).hexdigest()}.a.b")

    assert len(access_tokens._remembered) == remembered
