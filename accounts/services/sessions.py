"""Beginning and ending sessions."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import tasks
from accounts.errors import InvalidCredentialsError, SessionNotFoundError
from accounts.events.sessions import SessionAnomaly, SessionCreated, SessionEnded
from accounts.metrics import SESSIONS_ENDED
from accounts.models import Session, User
from accounts.models.session import EndReason, SignInMethod
from accounts.services.risk.assessment import UNASSESSED, Assessment
from accounts.services.token_profile import Claims
from config import geography
from config.compiled_queries import CompiledQuery, parameter
from config.http import context
from events.domain import emit

# One-time codes, and keys in an authenticator that knows its owner. Everything else is a first factor, however strong.
SECOND_FACTORS = frozenset({"otp", "hwk", "swk"})

_live_one = CompiledQuery(
    lambda: (
        Session.objects.live(at=parameter("now")).select_related("user").filter(pk=parameter("key"))
    )
)


@lru_cache(maxsize=1)
def _beyond(newest: int) -> CompiledQuery[Session]:
    """Of a person's live sessions all but so many of the newest."""
    live = Session.objects.live(at=parameter("now")).for_user(parameter("user_id"))
    return CompiledQuery(lambda: live.select_related("user").order_by("-id")[newest:])


@dataclass(frozen=True, kw_only=True)
class Device:
    """What the client said of itself at sign-in, and whether it wants to stay signed in."""

    name: str = ""
    fingerprint: str = ""
    persistent: bool = False


def begin(
    *,
    user: User,
    method: SignInMethod,
    amr: tuple[str, ...],
    device: Device,
    risk: Assessment = UNASSESSED,
) -> Session:
    """A new session of `user` from the request in hand. `amr` holds RFC 8176 values, which say its `acr`.

    The person's row is held meanwhile: a suspension or a new password that came first refuses, one that comes
    later finds the session and ends it; and of many sign-ins at once each sees the sessions of those before, so that
    there are never more than `sessions_per_person`: the oldest make room. Raises InvalidCredentialsError.
    """
    request, place = context.current(), geography.here()
    now = timezone.now()
    absolute, idle = _lifetimes(persistent=device.persistent)
    with transaction.atomic(savepoint=False):
        _hold_as_it_was(user, signed_in_at=now)
        _make_room(user)
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
            country=place.country,
            city=place.city[:100],
            asn=place.asn,
            risk_score=risk.score,
            risk_signals=list(risk.signals),
            last_active_at=now,
            expires_at=now + absolute,
            idle_expires_at=now + idle,
        )
        context.amend(actor_type="user", actor_id=user.public_id, session_id=session.public_id)
        _tell(session, amr, risk)
    return session


def acr_of(amr: Collection[str]) -> str:
    """The assurance of what was proven: `mfa` once a second factor is among it, else `pwd`."""
    return "mfa" if SECOND_FACTORS.intersection(amr) else "pwd"


def _make_room(user: User) -> None:
    """Leave at most one less than a person may have."""
    beyond = _beyond(settings.ENVIRONMENT.sessions_per_person - 1)
    for oldest in beyond.rows(now=timezone.now(), user_id=user.pk):
        end(session=oldest, reason=EndReason.LIMIT)


def _tell(session: Session, amr: tuple[str, ...], risk: Assessment) -> None:
    """Whoever listens hears of the session and of what is unusual about it; the person of the latter, by mail."""
    user_id, session_id = session.user.public_id, session.public_id
    emit(
        SessionCreated(
            user_id=user_id,
            session_id=session_id,
            method=session.method,
            amr=amr,
            risk_score=risk.score,
            risk_signals=risk.signals,
        )
    )
    announce(risk, user_id=user_id, session_id=session_id)
    if risk.concerns_the_person:
        transaction.on_commit(lambda: tasks.send_new_sign_in_mail.delay(session_id))


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


def idle_lifetime(*, persistent: bool) -> timedelta:
    """How long a session may lie unused."""
    _, idle = _lifetimes(persistent=persistent)
    return idle


def behind(claims: Claims) -> Session | None:
    """The session that a person's verified access token was issued in, when it is live and its person active."""
    key = Session.parse_id(claims.sid)
    session = None if key is None else _live_one.first(now=timezone.now(), key=key)
    if session is None or not session.user.is_active or session.user.public_id != claims.sub:
        return None
    return session


def touch(session: Session) -> None:
    """The session was used: it may idle anew, and never beyond its absolute end."""
    now = timezone.now()
    idle = idle_lifetime(persistent=session.persistent)
    session.last_active_at = now
    session.idle_expires_at = min(session.expires_at, now + idle)
    Session.objects.filter(pk=session.pk).update(
        last_active_at=now, idle_expires_at=session.idle_expires_at, updated_at=now
    )


def announce(risk: Assessment, *, user_id: str, session_id: str = "") -> None:
    """Tell whoever listens of each anomaly of a sign-in, in the caller's transaction."""
    for kind in risk.anomalies:
        emit(
            SessionAnomaly(
                user_id=user_id,
                session_id=session_id,
                kind=kind,
                risk_score=risk.score,
                risk_signals=risk.signals,
            )
        )


def note_use(session: Session) -> None:
    """The session's access token was used: `last_active_at` follows, to `session_activity_interval`.

    Written at most once in that time however many requests come, and by one of them. It does not move the idle end,
    which counts from the last refresh: tokens live for minutes, so whoever is active refreshes (ADR 0110).
    """
    now = timezone.now()
    stale = now - timedelta(seconds=settings.ENVIRONMENT.session_activity_interval)
    if session.last_active_at > stale:
        return
    unnoted = Session.objects.filter(pk=session.pk, ended_at=None, last_active_at__lte=stale)
    unnoted.update(last_active_at=now)


def end(*, session: Session, reason: EndReason, note: str = "") -> bool:
    """End a session; False when it had ended already. Its tokens are refused from the commit on. `note` is what staff
    said why, for the trail.
    """
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
                    note=note,
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


def end_by_staff(*, session: Session, note: str) -> None:
    """End somebody's session, for a reason that the trail keeps. Raises SessionNotFoundError if it is over already."""
    if not end(session=session, reason=EndReason.REVOKED, note=note):
        raise SessionNotFoundError("It has ended already.")


def end_all_by_staff(*, user: User, note: str) -> int:
    """End every live session of `user`, for a reason that the trail keeps; returns how many."""
    with transaction.atomic():
        live = Session.objects.live().for_user(user.pk).select_related("user")
        return sum(end(session=each, reason=EndReason.REVOKED, note=note) for each in live)


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
