"""Who is calling: the bearer token of a request, and whether what it stands for still holds."""

from typing import Any

from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from accounts.events.platform import TOKEN_TRUST
from accounts.services import api_key_format, api_keys, sessions
from accounts.services.access_tokens import Claims, InvalidTokenError, remembered, verify
from authz.api.callers import Presumed
from authz.services.roles import held_by
from config.http import context
from config.http.principal import Principal, ServiceUser


class BearerAuthentication(BaseAuthentication):
    """RFC 6750 section 2.1, for access tokens and personal API keys. Sets `request.auth` to a `Principal`, and the
    request context to the caller.

    Whoever can end a session, suspend a person or disable a client does so at once: each request looks.
    """

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        if len(parts) != 2:
            raise InvalidTokenError
        return authenticate_token(parts[1].decode("latin-1"))

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class TokenAuthenticator:
    """For plain views that read the stamp of `TOKEN_TRUST` together with others (`authz.api.callers.Authenticator`)."""

    stamp = TOKEN_TRUST

    def presume(self, token: str) -> Presumed | None:
        claims = remembered(token)
        if claims is None:
            return None
        return Presumed("user" if claims.sid else "service", claims.sub)

    def authenticate(self, request: HttpRequest, token: str, *, stamp: str) -> Principal:
        _, principal = authenticate_token(token, stamp=stamp)
        return principal


def authenticate_token(token: str, *, stamp: str | None = None) -> tuple[Any, Principal]:
    """The user and principal that `token` stands for; `stamp` is `TOKEN_TRUST`'s, when it has just been read.

    Raises InvalidTokenError.
    """
    if api_key_format.is_key(token):
        user, principal = _holder(token)
    else:
        claims = verify(token, stamp=stamp)
        user, principal = _person(claims) if claims.sid else _service(claims)
    context.amend(
        actor_type=principal.type,
        actor_id=principal.id,
        client_id=principal.client_id,
        session_id=principal.session_id,
    )
    return user, principal


def _person(claims: Claims) -> tuple[Any, Principal]:
    session = sessions.behind(claims)
    if session is None:
        raise InvalidTokenError
    sessions.note_use(session)
    held = held_by(session.user_id)
    return session.user, Principal(
        type="user",
        id=claims.sub,
        scopes=held.scopes,
        roles=held.roles,
        client_id=claims.client_id,
        session_id=claims.sid,
        acr=claims.acr,
        amr=tuple(claims.amr),
        auth_time=claims.auth_time,
    )


def _service(claims: Claims) -> tuple[Any, Principal]:
    """`verify` has refused disabled clients and requests from elsewhere than where the client is bound to, and narrowed
    the scopes to what the client has now.
    """
    return ServiceUser(claims.client_id), Principal(
        type="service",
        id=claims.client_id,
        client_id=claims.client_id,
        scopes=claims.scope,
        bound=claims.bound,
    )


def _holder(token: str) -> tuple[Any, Principal]:
    """Whose key it is, with the key's own scopes alone: no role, hence nothing of staff; no session; nothing proven,
    for whoever found the key has it too.
    """
    key = api_keys.authenticate(token)
    return key.user, Principal(
        type="user",
        id=key.user.public_id,
        scopes=api_keys.scopes_now(key),
        client_id=key.public_id,
        api_key_id=key.public_id,
    )
