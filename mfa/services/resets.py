"""Taking a person's lost factors away: one of the staff asks, another approves."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from events.domain import emit
from mfa import metrics
from mfa.errors import (
    NotEnrolledError,
    ResetAlreadyOpenError,
    ResetNeedsAnotherPersonError,
    ResetNotFoundError,
)
from mfa.events import ResetApproved, ResetCancelled, ResetRequested
from mfa.models import ResetRequest
from mfa.models.reset_request import ResetStatus
from mfa.person import Person, lock
from mfa.services import factors


def request(*, user: Person, requested_by: Person, reason: str) -> ResetRequest:
    """Ask that every factor of `user` be taken away. It waits `mfa_reset_lifetime` for another member of the staff.

    Raises ResetNeedsAnotherPersonError for one's own, NotEnrolledError, ResetAlreadyOpenError.
    """
    if user.pk == requested_by.pk:
        raise ResetNeedsAnotherPersonError("You cannot ask for a reset of your own factors.")
    with transaction.atomic():
        lock(user)
        if not factors.count(user):
            raise NotEnrolledError("The person has no second factor.")
        for late in ResetRequest.objects.run_out().of(user.pk).select_related("user"):
            _expire(late)
        asked = _create(user=user, requested_by=requested_by, reason=reason)
        emit(
            ResetRequested(
                user_id=user.public_id,
                reset_id=asked.public_id,
                requested_by=requested_by.public_id,
                reason=reason,
            )
        )
    metrics.RESETS.labels("requested").inc()
    return asked


def approve(*, user: Person, approved_by: Person) -> ResetRequest:
    """Take the factors of `user` away, as another asked. Of two approvals at once one does it.

    Raises ResetNotFoundError, and ResetNeedsAnotherPersonError for who asked and for the person.
    """
    with transaction.atomic():
        asked = _open(user)
        if approved_by.pk in {asked.requested_by_id, asked.user_id}:
            raise ResetNeedsAnotherPersonError("Another member of the staff has to approve it.")
        _decide(asked, ResetStatus.APPROVED, by=approved_by)
        factors.remove_all(user=user)
        emit(
            ResetApproved(
                user_id=user.public_id,
                reset_id=asked.public_id,
                requested_by=asked.requested_by.public_id,
                approved_by=approved_by.public_id,
            )
        )
    metrics.RESETS.labels("approved").inc()
    return asked


def cancel(*, user: Person, cancelled_by: Person) -> None:
    """Take the request back, by whoever of the staff sees that it is wrong. Raises ResetNotFoundError."""
    with transaction.atomic():
        asked = _open(user)
        _decide(asked, ResetStatus.CANCELLED, by=cancelled_by)
        _tell_of_the_end(asked, cancelled_by=cancelled_by.public_id)
    metrics.RESETS.labels("cancelled").inc()


def close_expired() -> int:
    """Note the end of requests that nobody approved in time; returns how many. Safe to run many times at once."""
    with transaction.atomic():
        late = (
            ResetRequest.objects.run_out()
            .select_related("user", "requested_by")
            .select_for_update(skip_locked=True, of=("self",))
        )
        return sum(_expire(asked) for asked in late)


def _create(*, user: Person, requested_by: Person, reason: str) -> ResetRequest:
    lifetime = timedelta(seconds=settings.ENVIRONMENT.mfa_reset_lifetime)
    try:
        with transaction.atomic():
            return ResetRequest.objects.create(
                user_id=user.pk,
                requested_by_id=requested_by.pk,
                reason=reason,
                expires_at=timezone.now() + lifetime,
            )
    except IntegrityError as error:
        raise ResetAlreadyOpenError from error


def _open(user: Person) -> ResetRequest:
    """The request that may be decided, held until the transaction ends."""
    asked = (
        ResetRequest.objects.open()
        .of(user.pk)
        .select_related("user", "requested_by")
        .select_for_update(of=("self",))
        .first()
    )
    if asked is None:
        raise ResetNotFoundError
    return asked


def _decide(asked: ResetRequest, status: ResetStatus, *, by: Any | None) -> None:
    asked.status = status
    asked.decided_by_id = by.pk if by else None
    asked.decided_at = timezone.now()
    asked.save(update_fields=["status", "decided_by", "decided_at", "updated_at"])


def _expire(asked: ResetRequest) -> int:
    _decide(asked, ResetStatus.EXPIRED, by=None)
    _tell_of_the_end(asked, cancelled_by="")
    metrics.RESETS.labels("expired").inc()
    return 1


def _tell_of_the_end(asked: ResetRequest, *, cancelled_by: str) -> None:
    people: Any = asked
    emit(
        ResetCancelled(
            user_id=people.user.public_id,
            reset_id=asked.public_id,
            requested_by=people.requested_by.public_id,
            cancelled_by=cancelled_by,
        )
    )
