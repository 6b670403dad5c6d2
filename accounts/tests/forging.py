"""Access tokens as an attacker, a careless issuer or we ourselves might make them."""

import base64
import json
import time
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives import serialization
from django.conf import settings

from accounts.models import SigningKey
from accounts.models.signing_key import KeyState
from accounts.services import jwk
from config.ids import new_uuid, public_id
from config.vault.sealing import open_field

_opened: dict[str, jwk.PrivateKey] = {}


def person_claims(**changes: Any) -> dict[str, Any]:
    """The payload of a good token of a person; a change to `None` leaves the claim out."""
    now = int(time.time())
    claims = {
        "iss": settings.ENVIRONMENT.public_url,
        "aud": settings.ENVIRONMENT.token_audience,
        "sub": public_id("usr", new_uuid()),
        "sid": public_id("ses", new_uuid()),
        "client_id": "first-party",
        "scope": "users:read audit:read",
        "roles": ["support"],
        "acr": "mfa",
        "amr": ["pwd", "otp"],
        "auth_time": now - 10,
        "acct": [],
        "iat": now,
        "exp": now + 600,
        "jti": uuid4().hex,
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def signed(payload: dict[str, Any], *, key: SigningKey, **header: Any) -> str:
    """`payload` with a true signature of `key`, and with the members of `header` in place of ours."""
    headers = {"typ": "at+jwt", "kid": key.kid, **header}
    body = json.dumps(
        payload
    ).encode()  # not jwt.encode, which refuses some of what an attacker would not
    return jwt.PyJWS().encode(body, private_key_of(key), algorithm=key.algorithm, headers=headers)


def private_key_of(key: SigningKey) -> jwk.PrivateKey:
    """The private half, opened from the vault once a key."""
    if key.kid not in _opened:
        _opened[key.kid] = jwk.private_key(open_field(key, "sealed_private_key"))
    return _opened[key.kid]


def active_key() -> SigningKey:
    return SigningKey.objects.in_state(KeyState.ACTIVE).get()


def assembled(header: Any, payload: Any, signature: bytes = b"") -> str:
    """Any three parts, whatever they are."""
    parts = (json.dumps(header).encode(), json.dumps(payload).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def public_pem(key: SigningKey) -> bytes:
    """The public key as everybody can read it from the JWKS."""
    public = jwk.public_key(key.public_jwk)
    return public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
