"""What people ask about their data: made, met, taken back."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.privacy.errors import RequestOpenError
from audit.privacy.events import RequestMade
from audit.privacy.models import PrivacyRequest, RequestKind, RequestState
from audit.privacy.registry import Person
from events.domain import emit

SYSTEM = "system"


def make(
    *,
    subject: Person,
    kind: RequestKind,
    requested_by: str,
    reason: str = "",
    not_before: datetime | None = None,
) -> PrivacyRequest:
    """Write a request down, with the day until which it is to be met. Raises RequestOpenError when there is one."""
    due = timezone.now() + timedelta(seconds=settings.ENVIRONMENT.privacy_request_due)
    try:
        with transaction.atomic():
            asked = PrivacyRequest.objects.create(
                subject_id=subject.pk,
                kind=kind,
                requested_by=requested_by,
                reason=reason,
                not_before=not_before,
                due_at=max(due, not_before or due),
            )
            emit(
                RequestMade(
                    user_id=subject.public_id,
                    request_id=asked.public_id,
                    kind=kind.value,
                    reason=reason,
                )
            )
    except IntegrityError:
        raise RequestOpenError from None
    return asked


def withdraw(*, subject: Person, kind: RequestKind) -> int:
    """Take back what has not been met; returns how many."""
    return end(PrivacyRequest.objects.of(subject.pk).filter(kind=kind), RequestState.WITHDRAWN)


def end(asked: Any, state: RequestState, **result: Any) -> int:
    """Close those of `asked` that are not met yet, in one statement; returns how many."""
    now = timezone.now()
    found: int = asked.unmet().update(state=state, finished_at=now, updated_at=now, **result)
    return found
