"""What our access tokens are made of, and what verifying one gives back."""

import time
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from jwt.algorithms import RSAAlgorithm

from accounts.errors import InvalidTokenError, NoSigningKeyError
from accounts.models import SigningKey
from accounts.services import access_tokens, jwk, service_clients, signing_keys, token_trust
from accounts.services.access_tokens import IssuedToken
from accounts.services.token_profile import AccessToken, KeyBackend
from config.ids import new_uuid, public_id

pytestmark = pytest.mark.django_db

USER = public_id("usr", new_uuid())
SESSION = public_id("ses", new_uuid())
AUTH_TIME = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def issue(**changes: Any) -> IssuedToken:
    arguments: dict[str, Any] = {
        "user_id": USER,
        "session_id": SESSION,
        "client_id": "first-party",
        "scope": ["users:read", "audit:read"],
        "roles": ["support"],
        "acr": "mfa",
        "amr": ["pwd", "otp"],
        "auth_time": AUTH_TIME,
        "account_ids": ["acc_1", "acc_2"],
        "lifetime": 900,
    }
    return access_tokens.issue_user_token(**arguments | changes)


def test_the_header_is_that_of_rfc_9068_and_names_the_key(signing_key: SigningKey) -> None:
    header = jwt.get_unverified_header(issue().token)

    assert header == {"alg": "RS256", "typ": "at+jwt", "kid": signing_key.kid}


def test_a_persons_token_has_every_claim_of_the_contract_and_no_other(
    signing_key: SigningKey, environment: Any
) -> None:
    environment(public_url="https://id.example.com", token_audience="trading")
    before = int(time.time())

    issued = issue()
    payload = jwt.decode(issued.token, options={"verify_signature": False})

    assert before <= payload.pop("iat") <= time.time()
    assert before + 900 <= payload.pop("exp") <= time.time() + 900
    assert payload == {
        "iss": "https://id.example.com",
        "aud": "trading",
        "sub": USER,
        "sid": SESSION,
        "client_id": "first-party",
        "scope": "users:read audit:read",
        "roles": ["support"],
        "acr": "mfa",
        "amr": ["pwd", "otp"],
        "auth_time": int(AUTH_TIME.timestamp()),
        "acct": ["acc_1", "acc_2"],
        "jti": issued.jti,
    }
    assert issued.expires_in == 900


def test_a_services_token_speaks_of_the_client_alone(signing_key: SigningKey) -> None:
    client = service_clients.create(
        name="ticker", client_id="ticker", scopes=["authz:check", "events:read"]
    ).client

    issued = access_tokens.issue_service_token(client=client, scopes=["events:read"])
    payload = jwt.decode(issued.token, options={"verify_signature": False})

    assert payload["sub"] == payload["client_id"] == "ticker"
    assert payload["scope"] == "events:read"
    assert payload["exp"] - payload["iat"] == issued.expires_in == 3600
    assert not {"sid", "roles", "acr", "amr", "auth_time", "acct"} & set(payload)


def test_verifying_gives_a_persons_claims_back(signing_key: SigningKey) -> None:
    issued = issue()

    claims = access_tokens.verify(issued.token)

    assert (claims.sub, claims.sid, claims.client_id) == (USER, SESSION, "first-party")
    assert claims.scope == {"users:read", "audit:read"}
    assert claims.roles == {"support"}
    assert (claims.acr, claims.amr, claims.auth_time) == ("mfa", ("pwd", "otp"), AUTH_TIME)
    assert (claims.jti, claims.kid) == (issued.jti, signing_key.kid)
    assert claims.exp - claims.iat == 900
    assert not claims.is_service


def test_verifying_gives_a_services_claims_back(signing_key: SigningKey) -> None:
    client = service_clients.create(name="t", client_id="t", scopes=["authz:check"]).client

    claims = access_tokens.verify(
        access_tokens.issue_service_token(client=client, scopes=["authz:check"]).token
    )

    assert claims.is_service
    assert (claims.sub, claims.client_id) == ("t", "t")
    assert claims.scope == {"authz:check"}
    assert (claims.sid, claims.acr, claims.amr, claims.auth_time) == ("", "", (), None)


def test_claims_cannot_be_changed(signing_key: SigningKey) -> None:
    claims = access_tokens.verify(issue().token)

    with pytest.raises(FrozenInstanceError):
        claims.sub = "usr_other"  # type: ignore[misc]


def test_every_token_has_a_jti_of_its_own(signing_key: SigningKey) -> None:
    assert issue().jti != issue().jti


def test_a_person_without_scopes_roles_or_accounts_still_gets_a_token(
    signing_key: SigningKey,
) -> None:
    claims = access_tokens.verify(issue(scope=[], roles=[], account_ids=[]).token)

    assert claims.scope == claims.roles == frozenset()


def test_a_token_is_refused_once_it_has_expired_even_when_it_was_remembered(
    signing_key: SigningKey, environment: Any
) -> None:
    environment(clock_leeway=5)
    with time_machine.travel(AUTH_TIME, tick=False) as clock:
        token = issue(lifetime=60).token
        access_tokens.verify(token)
        clock.shift(64)
        access_tokens.verify(token)
        clock.shift(1)

        with pytest.raises(InvalidTokenError):
            access_tokens.verify(token)


def test_without_a_signing_key_no_token_is_issued() -> None:
    with pytest.raises(NoSigningKeyError):
        issue()


def test_an_issued_token_does_not_show_itself(signing_key: SigningKey) -> None:
    issued = issue()

    assert issued.token not in repr(issued)


def test_a_key_that_was_replaced_before_it_was_opened_gives_way_to_its_successor(
    environment: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment(jwks_max_age=0, clock_leeway=0)
    signing_keys.tend()
    seen_before = iter([token_trust.current()])
    successor = signing_keys.rotate().activated
    now = token_trust.current
    monkeypatch.setattr(token_trust, "current", lambda *stamp: next(seen_before, None) or now())

    assert access_tokens.verify(issue().token).kid == successor


def test_a_token_in_the_making_shows_its_id_alone(signing_key: SigningKey) -> None:
    key = token_trust.current().keys[signing_key.kid]
    token = AccessToken(backend=KeyBackend(key), lifetime=60)
    token["sub"] = USER

    assert repr(token) == f"AccessToken(jti='{token['jti']}')"


def test_a_key_of_another_kind_is_not_taken_for_ours() -> None:
    elliptic = ec.generate_private_key(ec.SECP384R1()).private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )

    with pytest.raises(TypeError, match="not a key that we sign with"):
        jwk.private_key(elliptic)


def test_a_private_key_is_not_taken_for_a_public_one() -> None:
    private = jwk.private_key(jwk.generate("RS256").private_der)
    assert isinstance(private, RSAPrivateKey)

    with pytest.raises(jwt.InvalidKeyError, match="not a public key"):
        jwk.public_key(RSAAlgorithm.to_jwk(private, as_dict=True))
