"""Access tokens: issued to people and services, and verified for our own endpoints."""

import time
from collections.abc import Iterable
from contextlib import suppress
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
from accounts.services.token_profile import (
    CERTIFICATE_MEMBER,
    AccessToken,
    Claims,
    KeyBackend,
    header_of,
)
from accounts.services.token_trust import TokenTrust
from config.http import context
from config.vault.sealing import open_field

__all__ = [
    "Claims",
    "InvalidTokenError",
    "IssuedToken",
    "issue_service_token",
    "issue_user_token",
    "read",
    "remembered",
    "signing_kid",
    "verify",
]

_remembered = RememberedTokens()

LOOKS = 5  # for the active key: it may be replaced between two queries, and its successor too


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


def issue_service_token(
    *, client: ServiceClient, scopes: Iterable[str], certificate: str = ""
) -> IssuedToken:
    """A service client's access token with `scopes`, which the caller has found to be its own. With `certificate`, a
    thumbprint, it is good only together with that certificate (`cnf`, RFC 8705 section 3.1).

    Raises NoSigningKeyError, and VaultUnavailableError when the key cannot be opened.
    """
    claims: dict[str, Any] = {
        "sub": client.client_id,
        "client_id": client.client_id,
        "scope": " ".join(sorted(scopes)),
    }
    if certificate:
        claims["cnf"] = {CERTIFICATE_MEMBER: certificate}
    lifetime = settings.ENVIRONMENT.service_token_lifetime
    return _issue(claims, lifetime=lifetime, grant="client_credentials")


def verify(token: str, *, stamp: str | None = None) -> Claims:
    """What `token` says, once it is certain that we said it, to ourselves, that it holds now, and that the request in
    hand may present it: a service's token comes from the networks, and with the certificate, that it is bound to.

    A verified token is remembered. A key that was revoked, a client that was disabled, bound or lost a scope, and a
    service's token that was revoked count at once, whichever process was told: hence a look at the freshness stamp,
    which a caller who reads others as well saves by handing in that of `TOKEN_TRUST`. Whether a person's session has
    ended is not looked at.

    Raises InvalidTokenError, the same for every cause.
    """
    return _checked(token, token_trust.current(stamp), presented=True)


def read(token: str) -> Claims:
    """The same about a token that somebody else presented somewhere else: where the request in hand comes from does not
    matter. Raises InvalidTokenError.
    """
    return _checked(token, token_trust.current(), presented=False)


def remembered(token: str) -> Claims | None:
    """What a token was found to say when it was last verified, which may hold no more: no reason to believe it."""
    return _remembered.get(token)


def signing_kid() -> str:
    """The key that signs now, once it has been opened.

    Raises NoSigningKeyError, VaultUnavailableError, OpenFailedError.
    """
    return _signing_backend().header["kid"]


def _checked(token: str, trust: TokenTrust, *, presented: bool) -> Claims:
    try:
        claims = _recall(token, trust)
        outcome = "remembered"
        if claims is None:
            claims = _examine(token, trust)
            outcome = "verified"
        if claims.is_service:
            claims = _as_of_now(claims, trust, presented=presented)
    except (TokenError, TokenBackendError) as error:
        TOKEN_CHECKS.labels("refused").inc()
        raise InvalidTokenError from error
    TOKEN_CHECKS.labels(outcome).inc()
    return claims


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


def _as_of_now(claims: Claims, trust: TokenTrust, *, presented: bool) -> Claims:
    """A service's claims with no more scopes than it has now. Raises TokenError for a client that is not enabled, a
    token that was revoked, and one that was presented from elsewhere than it may be.
    """
    client = trust.clients.get(claims.client_id)
    if client is None:
        raise TokenError("The client is not enabled")
    if claims.jti in trust.revoked:
        raise TokenError("Revoked")
    if presented and client.binding.unmet_by(context.current()):
        raise TokenError("Not from where the client is bound to")
    if presented and claims.certificate not in {"", context.current().client_certificate}:
        raise TokenError("Not with the certificate that the token is bound to")
    if client.binding.certificates and not claims.certificate:
        raise TokenError("Issued before the client was bound to a certificate")
    return replace(claims, scope=claims.scope & client.scopes, bound=bool(client.binding))


def _issue(claims: dict[str, Any], *, lifetime: int, grant: str) -> IssuedToken:
    token = AccessToken(backend=_signing_backend(), lifetime=lifetime)
    token.payload.update(claims)
    issued = IssuedToken(token=str(token), jti=token["jti"], expires_in=lifetime)
    TOKENS_ISSUED.labels(grant).inc()
    return issued


def _signing_backend() -> KeyBackend:
    for _ in range(LOOKS - 1):
        with suppress(SigningKey.DoesNotExist):  # replaced since we looked: look at its successor
            return _backend_of_active_key()
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
