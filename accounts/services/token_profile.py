"""The profile of RFC 9068 on simplejwt's classes: what our access tokens look like and what makes one good.

simplejwt has the claims and their times, PyJWT the cryptography. Ours is the header, which simplejwt leaves to chance,
and the demand for every claim that a token of ours has.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from django.conf import settings
from jwt.utils import base64url_decode
from rest_framework_simplejwt import backends, tokens
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenError

from accounts.models import Session, User
from accounts.services import jwk
from accounts.services.token_trust import TrustedKey

HEADER_TYPE = "at+jwt"  # RFC 9068 section 2.1
CERTIFICATE_MEMBER = "x5t#S256"  # of `cnf`: RFC 8705 section 3.1
LATEST = int(datetime(9999, 1, 1, tzinfo=UTC).timestamp())


class KeyBackend(backends.TokenBackend):
    """Signs with one key of ours, when it is given the private half, and verifies with it."""

    def __init__(self, key: TrustedKey, private_key: jwk.PrivateKey | None = None) -> None:
        environment = settings.ENVIRONMENT
        signing: Any = private_key  # where simplejwt means PEM text: see `_prepare_key`
        verifying: Any = key.public_key
        super().__init__(
            key.algorithm,
            signing_key=signing,
            verifying_key=verifying,
            audience=environment.token_audience,
            issuer=environment.public_url,
            leeway=environment.clock_leeway,
        )
        self.header = {"alg": key.algorithm, "kid": key.kid, "typ": HEADER_TYPE}

    def _prepare_key(self, key: Any) -> Any:
        """Ours are key objects already, which PyJWT takes as they are."""
        return key

    def encode(self, payload: dict[str, Any]) -> str:
        """`payload` signed, with the audience, the issuer and our header."""
        return jwt.encode(
            {**payload, "aud": self.audience, "iss": self.issuer},
            self.prepared_signing_key,
            algorithm=self.algorithm,
            headers=self.header,
        )

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        """The payload of a token that was signed with this key by its one algorithm, for us and not for later.

        The header must be ours to the letter: none of the members by which a token names its own key (`jwk`, `jku`,
        `x5u`) or changes what is signed (`crit`, `b64`) gets a hearing. Raises TokenBackendError.
        """
        if header_of(token) != self.header:
            raise TokenBackendError("The header is not ours")
        return super().decode(token, verify)


@dataclass(frozen=True, kw_only=True, slots=True)
class Claims:
    """What a verified token says. `sid`, `acr`, `amr`, `roles` and `auth_time` are a person's; empty for a service.

    `exp` and `iat` are seconds since 1970. `certificate` is the thumbprint in a bound token's `cnf` (RFC 8705). `bound`
    is not in the token: whether its client is bound to networks or certificates, as the one who verified it found.
    """

    sub: str
    client_id: str
    scope: frozenset[str]
    jti: str
    exp: int
    iat: int
    kid: str
    sid: str = ""
    roles: frozenset[str] = frozenset()
    acr: str = ""
    amr: tuple[str, ...] = ()
    auth_time: datetime | None = None
    certificate: str = ""
    bound: bool = False

    @property
    def is_service(self) -> bool:
        return not self.sid

    @classmethod
    def of(cls, payload: Mapping[str, Any], *, kid: str) -> "Claims":
        """Raises TokenError when a claim is missing or of another kind than we give it."""
        common: dict[str, Any] = {
            "sub": _text(payload, "sub"),
            "client_id": _text(payload, "client_id"),
            "scope": frozenset(_text(payload, "scope", may_be_empty=True).split()),
            "jti": _text(payload, "jti"),
            "exp": _seconds(payload, "exp"),
            "iat": _seconds(payload, "iat"),
            "kid": kid,
        }
        if common["exp"] <= common["iat"]:
            raise TokenError("The token expires before it was issued")
        return cls(**common, **(_of_person(payload) if "sid" in payload else _of_service(payload)))


class AccessToken(tokens.AccessToken):
    """simplejwt's access token with a key of its own instead of the one in the settings.

    Without `token` it is a new one with `exp`, `iat` and `jti`, good for `lifetime` seconds; `str` signs it.
    With `token` it is verified. Raises TokenError.
    """

    def __init__(self, token: str | None = None, *, backend: KeyBackend, lifetime: int = 0) -> None:
        self._token_backend = backend
        self.kid = backend.header["kid"]
        self.lifetime = timedelta(seconds=lifetime)
        encoded: Any = token
        super().__init__(encoded)
        if token is None:
            self.payload = {name: self.payload[name] for name in ("exp", "iat", "jti")}

    def __repr__(self) -> str:
        return f"AccessToken(jti={self.get('jti')!r})"

    def verify(self) -> None:
        """All claims first: what is no date must not be read as one."""
        self.claims = Claims.of(self.payload, kid=self.kid)
        super().verify()

    def verify_token_type(self) -> None:
        """Nothing to do: the type is in the header (RFC 9068), and the backend has looked."""


def header_of(token: str) -> dict[str, Any]:
    """The header as the token has it: nothing in it is proven. Raises TokenBackendError for what is no token."""
    if not token.isascii() or len(token) > settings.ENVIRONMENT.access_token_max_length:
        raise TokenBackendError("Not a token of ours")
    try:
        header = json.loads(base64url_decode(token.partition(".")[0]))
    except (ValueError, RecursionError) as error:
        raise TokenBackendError("Not a token") from error
    if not isinstance(header, dict):
        raise TokenBackendError("Not a token")
    return header


def _of_person(payload: Mapping[str, Any]) -> dict[str, Any]:
    sub, sid = _text(payload, "sub"), _text(payload, "sid")
    if User.parse_id(sub) is None or Session.parse_id(sid) is None:
        raise TokenError("The subject is no person or the session no session")
    return {
        "sid": sid,
        "roles": frozenset(_texts(payload, "roles")),
        "acr": _text(payload, "acr"),
        "amr": tuple(_texts(payload, "amr")),
        "auth_time": datetime.fromtimestamp(_seconds(payload, "auth_time"), UTC),
    }


def _of_service(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A service speaks for itself alone (RFC 9068 section 2.2: `sub` is the client)."""
    if payload["sub"] != payload["client_id"]:
        raise TokenError("The subject is not the client")
    if "cnf" not in payload:
        return {}
    confirmation = payload["cnf"]
    if not isinstance(confirmation, dict):
        raise TokenError("cnf is no object")
    return {"certificate": _text(confirmation, CERTIFICATE_MEMBER)}


def _text(payload: Mapping[str, Any], claim: str, *, may_be_empty: bool = False) -> str:
    value = payload.get(claim)
    if not isinstance(value, str) or not (value or may_be_empty):
        raise TokenError(f"{claim} is missing or no text")
    return value


def _texts(payload: Mapping[str, Any], claim: str) -> list[str]:
    value = payload.get(claim)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TokenError(f"{claim} is missing or no list of texts")
    return value


def _seconds(payload: Mapping[str, Any], claim: str) -> int:
    value = payload.get(claim)
    if type(value) is not int or not 0 < value < LATEST:
        raise TokenError(f"{claim} is missing or no time")
    return value
