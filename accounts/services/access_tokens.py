"""Access tokens: issued to people and services, and verified for our own endpoints."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenError

from accounts.errors import InvalidTokenError, NoSigningKeyError
from accounts.metrics import TOKEN_CHECKS, TOKENS_ISSUED
from accounts.models import ServiceClient, SigningKey
from accounts.models.signing_key import KeyState
from accounts.services import jwk, token_trust
from accounts.services.remembered_tokens import RememberedTokens
from accounts.services.token_profile import AccessToken, Claims, KeyBackend, header_of
from accounts.services.token_trust import TokenTrust
from config.vault.sealing import open_field

__all__ = [
    "Claims",
    "InvalidTokenError",
    "IssuedToken",
    "issue_service_token",
    "issue_user_token",
    "signing_kid",
    "verify",
]

_remembered = RememberedTokens()


@dataclass(frozen=True, kw_only=True, slots=True)
class IssuedToken:
    """`token` is what the caller gets; it expires in `expires_in` seconds."""

    token: str = field(repr=False)
    jti: str
    expires_in: int


def issue_user_token(
    *,
    user_id: str,
    session_id: str,
    client_id: str,
    scope: Iterable[str],
    roles: Iterable[str],
    acr: str,
    amr: Iterable[str],
    auth_time: datetime,
    account_ids: Iterable[str],
    lifetime: int,
) -> IssuedToken:
    """A person's access token. Ids are public ones, `lifetime` is in seconds, `auth_time` is when they proved `acr`.

    Raises NoSigningKeyError, and VaultUnavailableError when the key cannot be opened.
    """
    claims = {
        "sub": user_id,
        "client_id": client_id,
        "sid": session_id,
        "scope": " ".join(scope),
        "roles": list(roles),
        "acr": acr,
        "amr": list(amr),
        "auth_time": int(auth_time.timestamp()),
        "acct": list(account_ids),
    }
    return _issue(claims, lifetime=lifetime, grant="session")


def issue_service_token(*, client: ServiceClient, scopes: Iterable[str]) -> IssuedToken:
    """A service client's access token with `scopes`, which the caller has found to be its own.

    Raises NoSigningKeyError, and VaultUnavailableError when the key cannot be opened.
    """
    claims = {
        "sub": client.client_id,
        "client_id": client.client_id,
        "scope": " ".join(sorted(scopes)),
    }
    lifetime = settings.ENVIRONMENT.service_token_lifetime
    return _issue(claims, lifetime=lifetime, grant="client_credentials")


def verify(token: str, *, stamp: str | None = None) -> Claims:
    """What `token` says, once it is certain that we said it, to ourselves, and that it holds now.

    A verified token is remembered. A key that was revoked and a client that was disabled or lost a scope count at once,
    whichever process was told: hence a look at the freshness stamp, which a caller who reads others as well saves by
    handing in that of `TOKEN_TRUST`. Whether a person's session has ended is not looked at.

    Raises InvalidTokenError, the same for every cause.
    """
    trust = token_trust.current(stamp)
    try:
        claims = _recall(token, trust)
        outcome = "remembered"
        if claims is None:
            claims = _examine(token, trust)
            outcome = "verified"
        claims = _narrowed(claims, trust)
    except (TokenError, TokenBackendError) as error:
        TOKEN_CHECKS.labels("refused").inc()
        raise InvalidTokenError from error
    TOKEN_CHECKS.labels(outcome).inc()
    return claims


def signing_kid() -> str:
    """The key that signs now, once it has been opened.

    Raises NoSigningKeyError, VaultUnavailableError, OpenFailedError.
    """
    return _signing_backend().header["kid"]


def _recall(token: str, trust: TokenTrust) -> Claims | None:
    claims = _remembered.get(token)
    if claims is None:
        return None
    if claims.kid in trust.keys and time.time() < claims.exp + settings.ENVIRONMENT.clock_leeway:
        return claims
    _remembered.drop(token)
    return None


def _examine(token: str, trust: TokenTrust) -> Claims:
    kid = header_of(token).get("kid")
    key = trust.keys.get(kid) if isinstance(kid, str) else None
    if key is None:
        raise TokenError("No key of ours")
    claims = AccessToken(token, backend=KeyBackend(key)).claims
    _remembered.put(token, claims)
    return claims


def _narrowed(claims: Claims, trust: TokenTrust) -> Claims:
    """A service's claims with no more scopes than it has now. Raises TokenError for one that is not enabled."""
    if not claims.is_service:
        return claims
    granted = trust.clients.get(claims.client_id)
    if granted is None:
        raise TokenError("The client is not enabled")
    return claims if claims.scope <= granted else replace(claims, scope=claims.scope & granted)


def _issue(claims: dict[str, Any], *, lifetime: int, grant: str) -> IssuedToken:
    token = AccessToken(backend=_signing_backend(), lifetime=lifetime)
    token.payload.update(claims)
    issued = IssuedToken(token=str(token), jti=token["jti"], expires_in=lifetime)
    TOKENS_ISSUED.labels(grant).inc()
    return issued


def _signing_backend() -> KeyBackend:
    try:
        return _backend_of_active_key()
    except SigningKey.DoesNotExist:  # replaced since we looked: its successor is known by now
        return _backend_of_active_key()


def _backend_of_active_key() -> KeyBackend:
    trust = token_trust.current()
    if trust.active_kid is None:
        raise NoSigningKeyError
    return KeyBackend(trust.keys[trust.active_kid], _private_key(trust.active_kid))


@lru_cache(maxsize=1)
def _private_key(kid: str) -> jwk.PrivateKey:
    """Opened once in a process. Raises SigningKey.DoesNotExist for a key that is not active any more."""
    row = SigningKey.objects.in_state(KeyState.ACTIVE).get(kid=kid)
    return jwk.private_key(open_field(row, "sealed_private_key"))
