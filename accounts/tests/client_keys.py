"""A service client's own side: its key pairs, and the assertions that it signs, or an attacker would."""

import base64
import json
import time
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from django.conf import settings
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class ClientKeyPair:
    """What a client keeps to itself, and what it publishes."""

    kid: str
    algorithm: str
    private_key: Any

    @property
    def jwk(self) -> dict[str, Any]:
        writers: dict[str, Any] = {"ES256": ECAlgorithm, "EdDSA": OKPAlgorithm}
        writer = writers.get(self.algorithm, RSAAlgorithm)
        public = writer.to_jwk(self.private_key.public_key(), as_dict=True)
        return {**public, "kid": self.kid, "use": "sig", "key_ops": ["verify"]}

    def assertion(
        self, client_id: str, *, headers: dict[str, Any] | None = None, **claims: Any
    ) -> str:
        """A good one, but for what `headers` and `claims` say otherwise; a claim that is None is left out."""
        payload = {**assertion_claims(client_id), **claims}
        protected = {"kid": self.kid, **(headers or {})}
        body = json.dumps({name: value for name, value in payload.items() if value is not None})
        return jwt.PyJWS().encode(
            body.encode(),
            self.private_key,
            algorithm=self.algorithm,
            headers={name: value for name, value in protected.items() if value is not None},
        )


def assertion_claims(client_id: str) -> dict[str, Any]:
    now = int(time.time())
    return {
        "iss": client_id,
        "sub": client_id,
        "aud": settings.ENVIRONMENT.public_url,
        "iat": now,
        "exp": now + 60,
        "jti": uuid4().hex,
    }


@cache
def key_pair(algorithm: str, kid: str = "key-1") -> ClientKeyPair:
    """The same one whenever it is asked for: RSA keys take their time."""
    makers: dict[str, Any] = {
        "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "EdDSA": ed25519.Ed25519PrivateKey.generate,
    }
    make = makers.get(algorithm, lambda: rsa.generate_private_key(65537, 2048))
    return ClientKeyPair(kid, algorithm, make())


def jwks(*pairs: ClientKeyPair) -> dict[str, Any]:
    """The set that a client registers or publishes."""
    return {"keys": [pair.jwk for pair in pairs]}


def unsigned(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    """Any three parts, whatever they are."""
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def assertion_form(assertion: str, **more: str) -> dict[str, str]:
    """The form of a token request, or of another one when `more` says so."""
    return {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
        **more,
    }
