"""The state of an account, and the only arrows along which it changes."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import tasks
from accounts.errors import StatusTransitionError
from accounts.events.people import UserDeactivated, UserReactivated, UserSuspended
from accounts.models import User
from accounts.models.session import EndReason
from accounts.models.user import UserStatus
from accounts.services import api_keys, sessions
from audit.privacy.models import RequestKind
from audit.privacy.services import requests
from authz.services.roles import scopes_of
from config.http.problems import ForbiddenError
from events.domain import emit

ARROWS: Mapping[UserStatus, frozenset[UserStatus]] = {
    UserStatus.PENDING_VERIFICATION: frozenset(
        {UserStatus.ACTIVE, UserStatus.SUSPENDED, UserStatus.DEACTIVATED}
    ),
    UserStatus.ACTIVE: frozenset({UserStatus.SUSPENDED, UserStatus.DEACTIVATED}),
    UserStatus.SUSPENDED: frozenset({UserStatus.ACTIVE, UserStatus.DEACTIVATED}),
    UserStatus.DEACTIVATED: frozenset({UserStatus.ACTIVE, UserStatus.ERASED}),
    UserStatus.ERASED: frozenset(),
}


def move(
    user: User, to: UserStatus, *, reason: str, erasure_due_at: datetime | None = None
) -> None:
    """Change the state in one compare-and-set, inside the caller's transaction. An erasure that was due is off, unless
    `erasure_due_at` names a new time.

    Raises StatusTransitionError when there is no such arrow or somebody else moved the account first.
    """
    came_from = UserStatus(user.status)
    now = timezone.now()
    moved = to in ARROWS[came_from] and User.objects.filter(pk=user.pk, status=came_from).update(
        status=to,
        status_reason=reason,
        status_changed_at=now,
        erasure_due_at=erasure_due_at,
        updated_at=now,
    )
    if not moved:
        raise StatusTransitionError(f"From {came_from.label} to {to.label}.")
    user.status, user.status_reason, user.status_changed_at = to, reason, now
    user.erasure_due_at = erasure_due_at


def require_reach(user: User, *, scopes: Collection[str]) -> None:
    """Nobody changes the state of somebody who may do more than they. Raises ForbiddenError."""
    if scopes_of(user.pk) - set(scopes):
        raise ForbiddenError("This person holds rights that you do not.")


def suspend(*, user: User, reason: str) -> None:
    """Shut somebody out: every session ends with it. Raises StatusTransitionError."""
    with transaction.atomic():
        move(user, UserStatus.SUSPENDED, reason=reason)
        sessions.end_all(user=user, reason=EndReason.SUSPENDED)
        emit(UserSuspended(user_id=user.public_id, reason=reason))


def reactivate(*, user: User, reason: str) -> None:
    """Let somebody in again. Raises StatusTransitionError, also for an address that was never verified."""
    if user.email_verified_at is None:
        raise StatusTransitionError("The e-mail address was never verified.")
    with transaction.atomic():
        move(user, UserStatus.ACTIVE, reason=reason)
        requests.withdraw(subject=user, kind=RequestKind.ERASURE)
        emit(UserReactivated(user_id=user.public_id, reason=reason))


def deactivate(*, user: User, reason: str) -> None:
    """Close somebody's account: sessions end, API keys are revoked. Raises StatusTransitionError."""
    _close(user, reason=reason)


def close_own(*, user: User) -> datetime:
    """Close one's own account, as `deactivate` does. Returns until when the person can take it back: what is left of it
    is erased from then on. Raises StatusTransitionError.
    """
    due = _end_of_grace()
    with transaction.atomic():
        _close(user, reason="asked for by the person", erasure_due_at=due)
        requests.make(
            subject=user,
            kind=RequestKind.ERASURE,
            requested_by=f"user:{user.public_id}",
            not_before=due,
        )
        transaction.on_commit(lambda: tasks.send_account_closed_mail.delay(user.public_id))
    return due


def close_for_erasure(*, user: User, reason: str) -> datetime:
    """Close somebody's account, if it is open, so that it is erased after the grace. Returns until when the person can
    take it back. Raises StatusTransitionError.
    """
    due = _end_of_grace()
    if user.status != UserStatus.DEACTIVATED:
        _close(user, reason=reason, erasure_due_at=due)
    elif not User.objects.closed().filter(pk=user.pk).update(erasure_due_at=due):
        raise StatusTransitionError
    return due


def hold_active(user: User) -> None:
    """Until the caller's transaction ends, the person's account cannot be closed. Raises ForbiddenError when it is
    not active: somebody closed it while the request was under way.
    """
    if not User.objects.active().select_for_update(no_key=True).filter(pk=user.pk).exists():
        raise ForbiddenError("The account is closed.")


def _end_of_grace() -> datetime:
    return timezone.now() + timedelta(seconds=settings.ENVIRONMENT.closing_grace)


def _close(user: User, *, reason: str, erasure_due_at: datetime | None = None) -> None:
    with transaction.atomic():
        move(user, UserStatus.DEACTIVATED, reason=reason, erasure_due_at=erasure_due_at)
        sessions.end_all(user=user, reason=EndReason.DEACTIVATED)
        api_keys.revoke_all(user=user, reason="the account was closed")
        emit(UserDeactivated(user_id=user.public_id, reason=reason))
