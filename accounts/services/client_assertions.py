"""`private_key_jwt`: an assertion that a client has signed with a key of its own (RFC 7523, OpenID Connect Core
section 9).

The assertion chooses nothing: the client that it names has registered its keys, its header's `jku`, `x5u`, `jwk` and
`x5c` are not looked at, and the key says which algorithms it is good for.
"""

import hashlib
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import jwt
from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from jwt.utils import base64url_decode

from accounts.models import ServiceClient, UsedAssertion
from accounts.models.service_client import CLIENT_ID, CLIENT_ID_LENGTH
from accounts.services import client_jwks, fetched_jwks
from accounts.services.client_jwks import ALGORITHMS, ClientKey

TYPES = (None, "JWT", "jwt", "client-authentication+jwt")  # the last: RFC 7523bis
LONGEST_JTI = 255

Cause = Literal[
    "malformed", "unknown_client", "algorithm", "unknown_key", "signature", "claims", "replayed"
]


class AssertionRefusedError(Exception):
    """Why, for our log and metrics; the caller learns nothing of it."""

    def __init__(self, cause: Cause, *, client_id: str = "") -> None:
        super().__init__(cause)
        self.cause: Cause = cause
        self.client_id = client_id


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """What the assertion says of how it was signed."""

    algorithm: str
    kid: str | None


def client_behind(assertion: str) -> ServiceClient:
    """The enabled client that signed `assertion` for us, which is used up by it. Raises AssertionRefusedError."""
    header, named = _header_of(assertion), _subject_of(assertion)
    client = ServiceClient.objects.enabled().filter(client_id=named).first()
    if client is None or not client.has_keys:
        raise AssertionRefusedError("unknown_client")
    try:
        key = _key_of(client, header)
        claims = _verified(assertion, key, header.algorithm)
        _check(claims, client)
        _use_up(claims, client)
    except AssertionRefusedError as error:
        error.client_id = client.client_id
        raise
    return client


def forget_expired() -> int:
    """Delete the assertions that would be refused for their age; returns how many."""
    deleted, _ = UsedAssertion.objects.expired().delete()
    return deleted


def _header_of(assertion: str) -> Header:
    header = _segment(assertion, 0)
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise AssertionRefusedError("algorithm")
    if header.get("typ") not in TYPES or "crit" in header or "b64" in header:
        raise AssertionRefusedError("malformed")
    if kid is not None and not isinstance(kid, str):
        raise AssertionRefusedError("malformed")
    return Header(algorithm=algorithm, kid=kid)


def _subject_of(assertion: str) -> str:
    """Whose keys to verify with; nothing is proven yet."""
    subject = _segment(assertion, 1).get("sub")
    if (
        not isinstance(subject, str)
        or len(subject) > CLIENT_ID_LENGTH
        or not re.fullmatch(CLIENT_ID, subject)
    ):
        raise AssertionRefusedError("unknown_client")
    return subject


def _segment(assertion: str, index: int) -> Mapping[str, Any]:
    parts = assertion.split(".", 3)
    longest = settings.ENVIRONMENT.access_token_max_length
    if len(parts) != 3 or len(assertion) > longest or not assertion.isascii():
        raise AssertionRefusedError("malformed")
    try:
        segment = json.loads(base64url_decode(parts[index]))
    except (ValueError, RecursionError):
        raise AssertionRefusedError("malformed") from None
    if not isinstance(segment, dict):
        raise AssertionRefusedError("malformed")
    return segment


def _key_of(client: ServiceClient, header: Header) -> ClientKey:
    if client.jwks_url:
        found = fetched_jwks.remembered.at(client.jwks_url).find(
            algorithm=header.algorithm, kid=header.kid
        )
    else:
        found = client_jwks.key_for(
            client_jwks.read_usable(client.jwks), algorithm=header.algorithm, kid=header.kid
        )
    if found is None:
        raise AssertionRefusedError("unknown_key")
    return found


def _verified(assertion: str, key: ClientKey, algorithm: str) -> Mapping[str, Any]:
    """The claims under a true signature; what they say is looked at by `_check`."""
    try:
        payload = json.loads(jwt.PyJWS().decode(assertion, key.public_key, algorithms=[algorithm]))
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise AssertionRefusedError("signature") from None
    if not isinstance(payload, dict):
        raise AssertionRefusedError("claims")
    return payload


def _check(claims: Mapping[str, Any], client: ServiceClient) -> None:
    """RFC 7523 section 3: from the client, for us alone, now and not for long, and with a `jti`."""
    now, leeway = time.time(), settings.ENVIRONMENT.clock_leeway
    longest = settings.ENVIRONMENT.client_assertion_lifetime
    begins = [_seconds(claims, name) for name in ("iat", "nbf") if name in claims]
    expires = _seconds(claims, "exp")
    jti = claims.get("jti")
    good = (
        claims.get("iss") == claims.get("sub") == client.client_id
        and _audience(claims) in accepted_audiences()
        and isinstance(jti, str)
        and 0 < len(jti) <= LONGEST_JTI
        and all(begin <= now + leeway for begin in begins)
        and now - leeway < expires <= now + longest + leeway
        and expires - _seconds(claims, "iat") <= longest
    )
    if not good:
        raise AssertionRefusedError("claims")


def accepted_audiences() -> frozenset[str]:
    """Our issuer, and the address of the token endpoint, which OpenID Connect recommends."""
    issuer = settings.ENVIRONMENT.public_url
    return frozenset({issuer, issuer + reverse("oauth-token")})


def _audience(claims: Mapping[str, Any]) -> str | None:
    """The one audience. An assertion for several could be shown to us by another of them."""
    audience = claims.get("aud")
    if isinstance(audience, list) and len(audience) == 1:
        audience = audience[0]
    return audience if isinstance(audience, str) else None


def _seconds(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    if type(value) is not int:
        raise AssertionRefusedError("claims")
    return value


def _use_up(claims: Mapping[str, Any], client: ServiceClient) -> None:
    """Note the `jti`: of any number who do so at once, the unique constraint lets one pass."""
    until = claims["exp"] + settings.ENVIRONMENT.clock_leeway + 1
    try:
        with transaction.atomic():
            UsedAssertion.objects.create(
                client=client,
                jti_hash=hashlib.sha256(claims["jti"].encode("utf-8", "surrogatepass")).digest(),
                expires_at=datetime.fromtimestamp(until, UTC),
            )
    except IntegrityError:
        raise AssertionRefusedError("replayed") from None
