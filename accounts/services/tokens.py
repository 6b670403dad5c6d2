"""What a session is answered with: an access token, and a refresh token to continue."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings
from django.utils import timezone

from accounts.models import Session, User
from accounts.services import refresh
from accounts.services.access_tokens import issue_user_token
from authz.services.roles import held_by

LARGEST_ACCOUNT_CLAIM = 50
FIRST_PARTY = (
    "first-party"  # `client_id` of tokens that our own sign-in gives out (RFC 9068 section 2.2)
)

AccountIds = Callable[[User], list[str]]
_account_ids: list[AccountIds] = []


@dataclass(frozen=True, kw_only=True)
class TokenPair:
    """Times in seconds. `refresh_token` is None where only a new access token was asked for."""

    session: Session
    access_token: str = field(repr=False)
    expires_in: int
    refresh_token: str | None = field(default=None, repr=False)
    refresh_expires_in: int | None = None


def register_account_ids(provider: AccountIds) -> None:
    """The trading floor tells which accounts a person reaches: the `acct` claim."""
    _account_ids.append(provider)


def first_pair(session: Session) -> TokenPair:
    """The tokens of a sign-in. Call it in the transaction that began the session."""
    return pair(session, refresh_token=refresh.begin_family(session=session))


def refreshed_pair(token: str) -> TokenPair:
    """The tokens for a refresh token. Raises InvalidRefreshTokenError."""
    rotation = refresh.rotate(token=token)
    return pair(rotation.session, refresh_token=rotation.token)


def pair(session: Session, *, refresh_token: str | None = None) -> TokenPair:
    """An access token that says of `session` what holds now, beside `refresh_token`."""
    user, held = session.user, held_by(session.user_id)
    issued = issue_user_token(
        user_id=user.public_id,
        session_id=session.public_id,
        client_id=FIRST_PARTY,
        scope=sorted(held.scopes),
        roles=sorted(held.roles),
        acr=session.acr,
        amr=session.amr,
        auth_time=session.auth_time,
        account_ids=[account for ids in _account_ids for account in ids(user)][
            :LARGEST_ACCOUNT_CLAIM
        ],
        lifetime=settings.ENVIRONMENT.access_token_lifetime,
    )
    left = None
    if refresh_token is not None:
        left = int((session.idle_expires_at - timezone.now()).total_seconds())
    return TokenPair(
        session=session,
        access_token=issued.token,
        expires_in=issued.expires_in,
        refresh_token=refresh_token,
        refresh_expires_in=left,
    )
