"""Signing key pairs in JOSE's terms: made, named by their thumbprint, written and read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from jwt.exceptions import InvalidKeyError

from config import base64url

RSA_BITS = 2048
RSA_EXPONENT = 65_537

Algorithm = Literal["RS256", "ES256", "EdDSA"]
PublicJwk = dict[str, str]
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey

# What a thumbprint is made of, by key type (RFC 7638 section 3.2, and RFC 8037 section 2 for OKP)
THUMBPRINT_MEMBERS: Mapping[str, tuple[str, ...]] = {
    "RSA": ("e", "kty", "n"),
    "EC": ("crv", "kty", "x", "y"),
    "OKP": ("crv", "kty", "x"),
}
FRESH: Mapping[Algorithm, Callable[[], PrivateKey]] = {
    "RS256": lambda: rsa.generate_private_key(public_exponent=RSA_EXPONENT, key_size=RSA_BITS),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A fresh pair: `kid` is the thumbprint of the public half, `private_der` the other half as PKCS #8."""

    kid: str
    algorithm: Algorithm
    public_jwk: PublicJwk
    private_der: bytes = field(repr=False)


def generate(algorithm: Algorithm) -> KeyPair:
    """A new pair: RSA of 2048 bits for RS256, P-256 for ES256 (RFC 7518 section 3), Ed25519 for EdDSA (RFC 8037)."""
    private = FRESH[algorithm]()
    required = public_members(private.public_key())
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


def thumbprint(jwk: Mapping[str, str]) -> str:
    """The SHA-256 thumbprint of a key (RFC 7638), base64url without padding: 43 characters."""
    required = {name: jwk[name] for name in THUMBPRINT_MEMBERS[jwk["kty"]]}
    return base64url.thumbprint(required)


def public_members(key: PublicKey) -> PublicJwk:
    """The members of the JWK that its key type requires (RFC 7518 section 6, RFC 8037 section 2), and no others."""
    if isinstance(key, rsa.RSAPublicKey):
        members = RSAAlgorithm.to_jwk(key, as_dict=True)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        members = ECAlgorithm.to_jwk(key, as_dict=True)
    else:
        members = OKPAlgorithm.to_jwk(key, as_dict=True)
    return {name: str(members[name]) for name in THUMBPRINT_MEMBERS[str(members["kty"])]}


def public_key(jwk: Mapping[str, str]) -> PublicKey:
    """The key object of a public JWK. Raises `jwt.InvalidKeyError` for any other key, and for a private one."""
    readers: Mapping[str, Callable[[PublicJwk], Any]] = {
        "RSA": RSAAlgorithm.from_jwk,
        "EC": ECAlgorithm.from_jwk,
        "OKP": OKPAlgorithm.from_jwk,
    }
    if jwk.get("kty") not in readers:
        raise InvalidKeyError("not a key type that we sign with")
    key = readers[jwk["kty"]](dict(jwk))
    if not isinstance(key, PublicKey) or not _on_our_curve(key):
        raise InvalidKeyError("not a public key that we sign with")
    return key


def private_key(der: bytes) -> PrivateKey:
    """The key object of `KeyPair.private_der`. Raises ValueError or TypeError for anything else."""
    key = serialization.load_der_private_key(der, password=None)
    if not isinstance(key, PrivateKey) or not _on_our_curve(key):
        raise TypeError("not a key that we sign with")
    return key


def _on_our_curve(key: PrivateKey | PublicKey) -> bool:
    """ES256 is for P-256 alone (RFC 7518 section 3.4); the other kinds have no choice of curve here."""
    if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        return isinstance(key.curve, ec.SECP256R1)
    return True
