"""The public keys of a service client, as a JWK Set (RFC 7517): which of them we can verify with, and what is wrong."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
MOST_KEYS = 20
LONGEST_KID = 255
RSA_BITS = range(2048, 8193)  # the largest still verifies in a millisecond
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})

PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey


class KeySetError(ValueError):
    """A key set that cannot be taken; the text says why and holds nothing of the keys."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClientKey:
    """One key, and the algorithms that it may be used with."""

    kid: str
    algorithms: frozenset[str]
    public_key: PublicKey = field(repr=False)


def read_strictly(document: object) -> tuple[ClientKey, ...]:
    """Every key of a set that somebody registers. Raises KeySetError unless we can use all of them."""
    keys = tuple(key_of(jwk) for jwk in _members(document))
    if not keys:
        raise KeySetError("There is no key in it.")
    if len(keys) > 1 and len({key.kid for key in keys} - {""}) < len(keys):
        raise KeySetError("Several keys need a kid each, and no two the same.")
    return keys


def read_usable(document: object) -> tuple[ClientKey, ...]:
    """The keys of a set that we can use; others are passed over, as RFC 7517 section 5 wants. Raises KeySetError for
    what is no set.
    """
    return tuple(_usable(_members(document)))


def key_for(keys: Iterable[ClientKey], *, algorithm: str, kid: str | None) -> ClientKey | None:
    """The key that an assertion means: the one it names, or the only one that fits when it names none."""
    fitting = [
        key for key in keys if algorithm in key.algorithms and (kid is None or key.kid == kid)
    ]
    return fitting[0] if len(fitting) == 1 else None


def key_of(jwk: object) -> ClientKey:
    """Raises KeySetError for what is no public key for one of our algorithms."""
    if not isinstance(jwk, Mapping):
        raise KeySetError("A key is no JSON object.")
    if PRIVATE_MEMBERS & set(jwk):
        raise KeySetError("A key is private or a shared secret: register public keys alone.")
    kid = jwk.get("kid", "")
    if not isinstance(kid, str) or len(kid) > LONGEST_KID:
        raise KeySetError(f"A kid is no text of at most {LONGEST_KID} characters.")
    operations = jwk.get("key_ops", ["verify"])
    if (
        jwk.get("use", "sig") != "sig"
        or not isinstance(operations, list)
        or "verify" not in operations
    ):
        raise KeySetError("A key is not for signatures.")
    algorithms, public_key = _parsed(jwk)
    if "alg" in jwk:
        algorithms = frozenset(name for name in algorithms if name == jwk["alg"])
    if not algorithms:
        raise KeySetError(f"A key is for none of {', '.join(ALGORITHMS)}.")
    return ClientKey(kid=kid, algorithms=algorithms, public_key=public_key)


def _members(document: object) -> list[Any]:
    members = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(members, list):
        raise KeySetError('Not a JWK Set: an object with a list "keys".')
    if len(members) > MOST_KEYS:
        raise KeySetError(f"More than {MOST_KEYS} keys.")
    return members


def _usable(members: Iterable[object]) -> Iterator[ClientKey]:
    for jwk in members:
        try:
            yield key_of(jwk)
        except KeySetError:
            continue


def _parsed(jwk: Mapping[str, Any]) -> tuple[frozenset[str], PublicKey]:
    parsers: dict[Any, Any] = {"RSA": RSAAlgorithm, "EC": ECAlgorithm, "OKP": OKPAlgorithm}
    parser = parsers.get(jwk.get("kty")) if isinstance(jwk.get("kty"), str) else None
    if parser is None:
        raise KeySetError("A key is neither RSA nor EC nor OKP.")
    try:
        key = parser.from_jwk(dict(jwk))
    except (jwt.InvalidKeyError, ValueError, TypeError, KeyError, AttributeError):
        raise KeySetError("A key cannot be read.") from None
    match key:
        case RSAPublicKey() if key.key_size in RSA_BITS:
            return frozenset({"RS256", "PS256"}), key
        case EllipticCurvePublicKey() if isinstance(key.curve, SECP256R1):
            return frozenset({"ES256"}), key
        case Ed25519PublicKey():
            return frozenset({"EdDSA"}), key
    raise KeySetError("A key is none of RSA from 2048 bits, P-256 and Ed25519.")
