"""Legal holds: placed and lifted by staff, with a reason."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.privacy.errors import HoldNotFoundError, LegalHoldError
from audit.privacy.events import HoldLifted, HoldPlaced
from audit.privacy.models import LegalHold
from audit.privacy.registry import Person
from events.domain import emit


def place(*, subject: Person, by: str, reason: str) -> LegalHold:
    """Let nothing of the person be erased. An erasure that has begun is not stopped.

    Raises LegalHoldError when there is a hold already.
    """
    try:
        with transaction.atomic():
            _lock(subject)
            hold = LegalHold.objects.create(subject_id=subject.pk, placed_by=by, reason=reason)
            emit(HoldPlaced(user_id=subject.public_id, hold_id=hold.public_id, reason=reason))
    except IntegrityError:
        raise LegalHoldError from None
    return hold


def lift(*, subject: Person, by: str, reason: str) -> LegalHold:
    """Let the person's erasure go its way again. Raises HoldNotFoundError."""
    with transaction.atomic():
        _lock(subject)
        hold = LegalHold.objects.of(subject.pk).in_force().first()
        if hold is None:
            raise HoldNotFoundError
        hold.lifted_at, hold.lifted_by, hold.lift_reason = timezone.now(), by, reason
        hold.save()
        emit(HoldLifted(user_id=subject.public_id, hold_id=hold.public_id, reason=reason))
    return hold


def require_none(subject: Person) -> None:
    """Raises LegalHoldError while one is in force. The caller holds the person's row."""
    if LegalHold.objects.of(subject.pk).in_force().exists():
        raise LegalHoldError


def _lock(subject: Person) -> None:
    people: Any = get_user_model()._default_manager
    people.select_for_update(no_key=True).values_list("pk").get(pk=subject.pk)
