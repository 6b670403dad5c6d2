"""Signing key pairs in JOSE's terms: made, named by their thumbprint, written and read."""

import hashlib
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Literal

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from jwt.algorithms import RSAAlgorithm

RSA_BITS = 2048
RSA_EXPONENT = 65_537
THUMBPRINT_MEMBERS = ("e", "kty", "n")  # RFC 7638 section 3.2, in its order

PublicJwk = dict[str, str]


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A fresh pair: `kid` is the thumbprint of the public half, `private_der` the other half as PKCS #8."""

    kid: str
    algorithm: str
    public_jwk: PublicJwk
    private_der: bytes = field(repr=False)


def generate(algorithm: Literal["RS256"]) -> KeyPair:
    """A new pair for `algorithm`: RSA for RS256 (RFC 7518 section 3.3). Takes a tenth of a second or so."""
    private = generate_private_key(public_exponent=RSA_EXPONENT, key_size=RSA_BITS)
    numbers = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    required = {name: str(numbers[name]) for name in THUMBPRINT_MEMBERS}
    kid = thumbprint(required)
    if kid.startswith("-"):  # a command line would take it for an option: such a pair is not used
        return generate(algorithm)
    return KeyPair(
        kid=kid,
        algorithm=algorithm,
        public_jwk={**required, "kid": kid, "alg": algorithm, "use": "sig"},
        private_der=private.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )


def thumbprint(jwk: PublicJwk) -> str:
    """The SHA-256 thumbprint of an RSA key (RFC 7638), base64url without padding: 43 characters."""
    required = {name: jwk[name] for name in THUMBPRINT_MEMBERS}
    canonical = json.dumps(required, separators=(",", ":"), sort_keys=True).encode()
    return urlsafe_b64encode(hashlib.sha256(canonical).digest()).rstrip(b"=").decode()


def public_key(jwk: PublicJwk) -> RSAPublicKey:
    """The key object of a public JWK. Raises `jwt.InvalidKeyError` for what is no RSA key."""
    key = RSAAlgorithm.from_jwk(dict(jwk))
    if not isinstance(key, RSAPublicKey):
        raise TypeError("not a public key")
    return key


def private_key(der: bytes) -> RSAPrivateKey:
    """The key object of `KeyPair.private_der`. Raises ValueError or TypeError for anything else."""
    key = serialization.load_der_private_key(der, password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("not an RSA key")
    return key
