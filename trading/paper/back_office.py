"""The paper broker's own side: who has confirmed a login, whose session a token is, and what they have.

Nothing here knows of linked accounts. What the rest of trading asks, it asks through `trading.brokers.paper`.
"""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import choice, token_hex, token_urlsafe
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from config.http.ratelimit import RateLimit, take
from config.vault.mac import keyed_hash
from trading.brokers.indian_day import session_end
from trading.models.paper import PaperProfile, PaperSession

if TYPE_CHECKING:
    from accounts.models import User

CALLS_PER_SECOND = 10
CLIENT_ID_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
SESSIONS_KEPT = timedelta(days=2)
BUCKET = RateLimit(name="paper_broker", limit=CALLS_PER_SECOND, period=1)


class TokenUnknownError(Exception):
    """No such token, used, too old, of another key; or the secret is not the key's. Holds nothing of them."""


class MayNotError(Exception):
    """The person may not use the platform, so their paper account is closed to everybody."""


class TooManyCallsError(Exception):
    """`retry_after` seconds until the key's next call is taken."""

    def __init__(self, retry_after: float) -> None:
        super().__init__()
        self.retry_after = retry_after


@dataclass(frozen=True, kw_only=True)
class Redeemed:
    """A session that has begun."""

    client_id: str
    access_token: str = field(repr=False)
    began_at: datetime
    expires_at: datetime


def secret_of(api_key: str) -> str:
    """A key's secret is derived from it, so that none is stored. Raises VaultUnavailableError."""
    return keyed_hash("trading.paper_secret", api_key.encode()).hex()


def new_key() -> str:
    return f"paper_{token_hex(12)}"


@transaction.atomic
def profile_of(person: "User") -> PaperProfile:
    """The person's profile, opened with virtual cash when they have none yet."""
    letters = "".join(choice(CLIENT_ID_LETTERS) for _ in range(8))
    opening = {"client_id": f"PT{letters}", "cash": settings.ENVIRONMENT.paper_opening_cash}
    return PaperProfile.objects.get_or_create(user=person, defaults=opening)[0]


@transaction.atomic
def confirm(*, person: "User", api_key: str) -> str:
    """The person says yes to a login; returns the request token for whoever holds the key and its secret."""
    request_token = token_urlsafe(32)
    good_for = timedelta(seconds=settings.ENVIRONMENT.paper_request_lifetime)
    PaperSession.objects.create(
        profile=profile_of(person),
        api_key=api_key,
        request_hash=_hashed(request_token),
        request_good_until=timezone.now() + good_for,
    )
    return request_token


class BackOffice:
    """What the adapter may ask. Each call counts against its key's limit."""

    @transaction.atomic
    def redeem(self, *, api_key: str, api_secret: str, request_token: str) -> Redeemed:
        """Begin the session that the person confirmed; the one before it ends.

        Raises TokenUnknownError, MayNotError, TooManyCallsError, VaultUnavailableError.
        """
        with self._answering(api_key):
            if not hmac.compare_digest(api_secret.encode(), secret_of(api_key).encode()):
                raise TokenUnknownError
            now, access_token = timezone.now(), token_urlsafe(32)
            mine = PaperSession.objects.select_related("profile__user").filter(api_key=api_key)
            session = (
                mine.waiting(now)
                .filter(request_hash=_hashed(request_token))
                .select_for_update(of=("self", "profile"))
                .first()
            )
            if session is None:
                raise TokenUnknownError
            _require_active(session)
            session.profile.sessions.filter(
                api_key=api_key, access_hash__isnull=False, ended_at__isnull=True
            ).update(ended_at=now)
            session.access_hash = _hashed(access_token)
            session.expires_at = session_end(login_time=now, now=now)
            session.save()
            return Redeemed(
                client_id=session.profile.client_id,
                access_token=access_token,
                began_at=now,
                expires_at=session.expires_at,
            )

    def profile(self, *, api_key: str, access_token: str) -> PaperProfile:
        """Whose session it is. Raises TokenUnknownError, MayNotError, TooManyCallsError."""
        return self._session_owner(api_key, access_token)

    def margins(self, *, api_key: str, access_token: str) -> PaperProfile:
        """The same; the margins are made of the cash in it."""
        return self._session_owner(api_key, access_token)

    def end(self, *, api_key: str, access_token: str) -> None:
        """End the session, if it lives. Raises TooManyCallsError."""
        with self._answering(api_key):
            now = timezone.now()
            sessions = PaperSession.objects.live(now).filter(api_key=api_key)
            sessions.filter(access_hash=_hashed(access_token)).update(ended_at=now)

    def _session_owner(self, api_key: str, access_token: str) -> PaperProfile:
        with self._answering(api_key):
            sessions = PaperSession.objects.live(timezone.now()).filter(api_key=api_key)
            session = (
                sessions.filter(access_hash=_hashed(access_token))
                .select_related("profile__user")
                .first()
            )
            if session is None:
                raise TokenUnknownError
            _require_active(session)
            return session.profile

    @contextmanager
    def _answering(self, api_key: str) -> Iterator[None]:
        """Raises TooManyCallsError when the key has asked too often."""
        usage = take(BUCKET, sha256(api_key.encode()).hexdigest()[:32])
        if not usage.allowed:
            raise TooManyCallsError(usage.retry_after)
        yield


def forget_old_sessions() -> int:
    """Delete logins that were begun more than two days ago and so are over; returns how many."""
    old = PaperSession.objects.filter(created_at__lt=timezone.now() - SESSIONS_KEPT)
    return old.delete()[0]


def _require_active(session: PaperSession) -> None:
    if not session.profile.user.is_active:
        raise MayNotError


def _hashed(token: str) -> bytes:
    return sha256(token.encode()).digest()
