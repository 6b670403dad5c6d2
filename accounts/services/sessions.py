"""Beginning and ending sessions."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.errors import InvalidCredentialsError, SessionNotFoundError
from accounts.events.sessions import SessionCreated, SessionEnded
from accounts.metrics import SESSIONS_ENDED
from accounts.models import Session, User
from accounts.models.session import EndReason, SignInMethod
from accounts.services.token_profile import Claims
from config.http import context
from events.domain import emit

# One-time codes, and keys in an authenticator that knows its owner. Everything else is a first factor, however strong.
SECOND_FACTORS = frozenset({"otp", "hwk", "swk"})


@dataclass(frozen=True, kw_only=True)
class Device:
    """What the client said of itself at sign-in, and whether it wants to stay signed in."""

    name: str = ""
    fingerprint: str = ""
    persistent: bool = False


def begin(*, user: User, method: SignInMethod, amr: tuple[str, ...], device: Device) -> Session:
    """A new session of `user` from the request in hand. `amr` holds RFC 8176 values, which say its `acr`.

    The person's row is held meanwhile: a suspension or a new password that came first refuses, one that comes
    later finds the session and ends it. Raises InvalidCredentialsError.
    """
    request = context.current()
    now = timezone.now()
    absolute, idle = _lifetimes(persistent=device.persistent)
    with transaction.atomic(savepoint=False):
        _hold_as_it_was(user, signed_in_at=now)
        session = Session.objects.create(
            user=user,
            method=method,
            acr=acr_of(amr),
            amr=list(amr),
            auth_time=now,
            persistent=device.persistent,
            device_name=device.name,
            device_fingerprint=device.fingerprint,
            user_agent=request.user_agent,
            ip=request.ip,
            last_active_at=now,
            expires_at=now + absolute,
            idle_expires_at=now + idle,
        )
        context.amend(actor_type="user", actor_id=user.public_id, session_id=session.public_id)
        emit(
            SessionCreated(
                user_id=user.public_id, session_id=session.public_id, method=method.value, amr=amr
            )
        )
    return session


def acr_of(amr: Collection[str]) -> str:
    """The assurance of what was proven: `mfa` once a second factor is among it, else `pwd`."""
    return "mfa" if SECOND_FACTORS.intersection(amr) else "pwd"


def _hold_as_it_was(user: User, *, signed_in_at: datetime) -> None:
    """Note the sign-in of the person, still active and with the password that was just verified; the update locks the
    row, and looks at it again if somebody else had it."""
    unchanged = User.objects.active().filter(pk=user.pk, password=user.password)
    if not unchanged.update(last_login=signed_in_at):
        raise InvalidCredentialsError


def _lifetimes(*, persistent: bool) -> tuple[timedelta, timedelta]:
    environment = settings.ENVIRONMENT
    if persistent:
        absolute, idle = environment.refresh_absolute_lifetime, environment.refresh_idle_lifetime
    else:
        absolute = idle = environment.refresh_short_lifetime
    return timedelta(seconds=absolute), timedelta(seconds=idle)


def behind(claims: Claims) -> Session | None:
    """The session that a person's verified access token was issued in, when it is live and its person active."""
    session = Session.objects.live().select_related("user").with_public_id(claims.sid).first()
    if session is None or not session.user.is_active or session.user.public_id != claims.sub:
        return None
    return session


def touch(session: Session) -> None:
    """The session was used: it may idle anew, and never beyond its absolute end."""
    now = timezone.now()
    _, idle = _lifetimes(persistent=session.persistent)
    session.last_active_at = now
    session.idle_expires_at = min(session.expires_at, now + idle)
    Session.objects.filter(pk=session.pk).update(
        last_active_at=now, idle_expires_at=session.idle_expires_at, updated_at=now
    )


def end(*, session: Session, reason: EndReason) -> bool:
    """End a session; False when it had ended already. Its tokens are refused from the commit on."""
    with transaction.atomic():
        ended = Session.objects.filter(pk=session.pk, ended_at=None).update(
            ended_at=timezone.now(), end_reason=reason
        )
        if ended:
            emit(
                SessionEnded(
                    user_id=session.user.public_id,
                    session_id=session.public_id,
                    reason=reason.value,
                )
            )
            SESSIONS_ENDED.labels(reason.value).inc()
    return bool(ended)


def end_all(*, user: User, reason: EndReason, except_for: UUID | None = None) -> int:
    """End every live session of `user` but the one excepted; returns how many."""
    with transaction.atomic():
        live = Session.objects.live().for_user(user.pk).select_related("user")
        return sum(
            end(session=session, reason=reason) for session in live if session.pk != except_for
        )


def end_own(*, user: User, session_id: str) -> None:
    """End one of the person's own live sessions, by public id. Raises SessionNotFoundError."""
    session = (
        Session.objects.live()
        .for_user(user.pk)
        .select_related("user")
        .with_public_id(session_id)
        .first()
    )
    if session is None or not end(session=session, reason=EndReason.REVOKED):
        raise SessionNotFoundError
