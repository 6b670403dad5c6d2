"""Taking a token back before its time (RFC 7009).

A client may revoke what was issued to it, and nothing else. A person's tokens were issued to our own first-party
client, which has no secret: whoever holds one of them may end the session that it belongs to, as signing out does.
"""

from datetime import UTC, datetime

from django.conf import settings
from django.db import transaction

from accounts.errors import (
    InvalidTokenError,
    UnauthorizedClientError,
    UnsupportedTokenTypeError,
)
from accounts.events.platform import ClientTokenRevoked
from accounts.models import RevokedToken, ServiceClient, Session
from accounts.models.session import EndReason
from accounts.services import access_tokens, api_key_format, refresh, sessions
from accounts.services.token_profile import Claims
from accounts.services.tokens import FIRST_PARTY
from config.http import context
from events.domain import emit


def revoke(*, token: str, client_id: str) -> None:
    """Revoke `token` for the client that it was issued to; its access token or any refresh token of its family ends a
    person's whole session. Nothing happens for a token that is not good any more or never was.

    Raises UnauthorizedClientError for a good token of another client, and UnsupportedTokenTypeError for an API key.
    """
    if api_key_format.is_well_formed(token):
        raise UnsupportedTokenTypeError("API keys are revoked where they are made.")
    try:
        claims = access_tokens.read(token)
    except InvalidTokenError:
        session = refresh.session_of_any(token)
    else:
        if claims.is_service:
            _demand_owner(claims.client_id, client_id)
            _revoke_service_token(claims)
            return
        session = sessions.behind(claims)
    if session is not None:
        _demand_owner(FIRST_PARTY, client_id)
        _sign_out(session)


def forget_expired() -> int:
    """Delete what is refused for its age by now; returns how many."""
    deleted, _ = RevokedToken.objects.expired().delete()
    return deleted


def _demand_owner(issued_to: str, client_id: str) -> None:
    if issued_to != client_id:
        raise UnauthorizedClientError


def _sign_out(session: Session) -> None:
    """In the name of the person, as whose token it was."""
    context.amend(actor_type="user", actor_id=session.user.public_id, session_id=session.public_id)
    sessions.end(session=session, reason=EndReason.LOGOUT)


def _revoke_service_token(claims: Claims) -> None:
    """The row is kept for as long as the token could be presented."""
    until = datetime.fromtimestamp(claims.exp + settings.ENVIRONMENT.clock_leeway + 1, UTC)
    client = ServiceClient.objects.get(client_id=claims.client_id)
    with transaction.atomic():
        _, revoked = RevokedToken.objects.get_or_create(
            jti=claims.jti, defaults={"client": client, "expires_at": until}
        )
        if revoked:
            emit(ClientTokenRevoked(client_id=claims.client_id, jti=claims.jti))
