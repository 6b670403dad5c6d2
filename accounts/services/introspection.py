"""What holds now of a token that somebody presented to another service (RFC 7662)."""

from collections.abc import Callable
from typing import Any

from django.conf import settings

from accounts.errors import InvalidTokenError
from accounts.services import access_tokens, api_keys, refresh, sessions
from accounts.services.token_profile import CERTIFICATE_MEMBER, Claims
from accounts.services.tokens import FIRST_PARTY
from authz.services.roles import scopes_of

Facts = dict[str, Any]

NO_ACCESS_TOKEN = "N_A"  # noqa: S105 - RFC 8693 section 2.2.1: the type of what is no access token


def introspect(*, token: str) -> Facts:
    """The members of RFC 7662 section 2.2; `active` alone, and False, for whatever is not good now: expired, revoked,
    of a session that ended, a person who may not sign in or a client that is disabled, malformed, or never ours.

    What kind of token it is shows in itself, so no hint is needed.
    """
    for recognise in RECOGNISERS:
        facts = recognise(token)
        if facts is not None:
            return {"active": True, "iss": settings.ENVIRONMENT.public_url, **facts}
    return {"active": False}


def _access_token(token: str) -> Facts | None:
    try:
        claims = access_tokens.read(token)
    except InvalidTokenError:
        return None
    about = _service(claims) if claims.is_service else _person(claims)
    if about is None:
        return None
    return {
        "token_type": "Bearer",
        "sub": claims.sub,
        "aud": settings.ENVIRONMENT.token_audience,
        "client_id": claims.client_id,
        "exp": claims.exp,
        "iat": claims.iat,
        "jti": claims.jti,
        **about,
    }


def _service(claims: Claims) -> Facts:
    """`read` has seen to it that the client is enabled and narrowed the scopes to those that it has now."""
    facts: Facts = {"scope": _spaced(claims.scope)}
    if claims.certificate:
        facts["cnf"] = {CERTIFICATE_MEMBER: claims.certificate}
    return facts


def _person(claims: Claims) -> Facts | None:
    """No scope that the person has lost since. None when the session is over."""
    session = sessions.behind(claims)
    if session is None:
        return None
    return {
        "scope": _spaced(claims.scope & scopes_of(session.user_id)),
        "sid": claims.sid,
        "acr": claims.acr,
        "amr": list(claims.amr),
        "auth_time": claims.auth_time and int(claims.auth_time.timestamp()),
    }


def _refresh_token(token: str) -> Facts | None:
    """It opens no service: its `token_type` says so to one that would take it for an access token."""
    family = refresh.family_of_current(token)
    if family is None:
        return None
    session = family.session
    return {
        "token_type": NO_ACCESS_TOKEN,
        "sub": session.user.public_id,
        "client_id": FIRST_PARTY,
        "exp": int(min(session.expires_at, session.idle_expires_at).timestamp()),
        "iat": int((family.rotated_at or family.created_at).timestamp()),
        "sid": session.public_id,
    }


def _api_key(token: str) -> Facts | None:
    """A person's own key, presented as a bearer token is. It proves nothing of the person: no `acr`, no `sid`.

    One that is bound to networks is good nowhere but here: from where it came to another service, we cannot see.
    """
    key = api_keys.find(token)
    if key is None or key.networks or not api_keys.is_good(key):
        return None
    return {
        "token_type": "Bearer",
        "sub": key.user.public_id,
        "client_id": key.public_id,
        "scope": _spaced(api_keys.scopes_now(key)),
        "exp": int(key.expires_at.timestamp()),
        "iat": int(key.created_at.timestamp()),
    }


def _spaced(scopes: frozenset[str]) -> str:
    return " ".join(sorted(scopes))


# One for each kind of credential; each knows its own and says None to everything else, without an error.
RECOGNISERS: tuple[Callable[[str], Facts | None], ...] = (_access_token, _refresh_token, _api_key)
