"""Erasing a person: asked for, waited for, done.

The first step moves the account to `erased`, in one transaction with the look for a legal hold: from that commit on
nobody can act as the person. What follows may be killed anywhere: the request stays under way, and the next run
finishes it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.models.user import UserStatus
from accounts.services import status
from audit.privacy.errors import EventsPendingError, LegalHoldError, NotDueError, RequestOpenError
from audit.privacy.models import PrivacyRequest, RequestKind, RequestState
from audit.privacy.services import erasing, holds, requests

log = structlog.get_logger(__name__)

LATECOMERS = timedelta(days=1)  # how long we look for rows of requests that began before an erasure
MOST_ROUNDS = 3


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one look at all erasures came to."""

    erased: int = 0
    waiting: int = 0
    failed: int = 0


def ask(*, user: User, by: str, reason: str) -> PrivacyRequest:
    """Close the account in the name of `by`, if it is open, and have it erased after the grace.

    Raises RequestOpenError, StatusTransitionError.
    """
    with transaction.atomic():
        due = status.close_for_erasure(user=user, reason=reason)
        return requests.make(
            subject=user,
            kind=RequestKind.ERASURE,
            requested_by=by,
            reason=reason,
            not_before=due,
        )


def erase(
    *, user: User, by: str = requests.SYSTEM, reason: str = "", now: bool = False
) -> dict[str, int]:
    """Erase what is held of the person; returns how many rows that took, by model. Run again, it goes on.

    `now` does not wait for the grace and closes an open account. Raises LegalHoldError, NotDueError, and
    EventsPendingError: then it is finished by a later run.
    """
    person = _begin(user, by=by, reason=reason, now=now)
    changed = erasing.erase(person)
    for _ in range(MOST_ROUNDS):
        if not erasing.left(person):
            break
        erasing.erase(person)
    unmet = PrivacyRequest.objects.of(person.pk).erasures()
    requests.end(unmet, RequestState.DONE, result=changed)
    return changed


def erase_due() -> Run:
    """Erase everybody whose grace is over, and go on where another run was killed. One that fails stops no other."""
    counts = {"erased": 0, "waiting": 0, "failed": 0}
    for user in _due():
        try:
            erase(user=user)
            counts["erased"] += 1
        except (LegalHoldError, NotDueError, EventsPendingError) as error:
            counts["waiting"] += 1
            log.info("erasure.waits", user_id=user.public_id, reason=error.slug)
        except Exception:
            counts["failed"] += 1
            log.exception("erasure.failed", user_id=user.public_id)
    return Run(**counts)


def redo(user_id: str) -> None:
    """A restored backup has brought back somebody who was erased: erase them again."""
    if user := User.objects.with_public_id(user_id).first():
        erase(user=user, now=True, reason="erased before the backup was restored")


def _due() -> list[User]:
    """Closed accounts past their grace, erasures under way, and latecomers of yesterday's."""
    asked = PrivacyRequest.objects.erasures()
    under_way = asked.filter(state=RequestState.RUNNING).values("subject_id")
    done = asked.finished_since(timezone.now() - LATECOMERS).values("subject_id")
    people = User.objects.filter(pk__in=done)
    return [
        *User.objects.erasure_due(),
        *User.objects.filter(pk__in=under_way),
        *(person for person in people if erasing.left(person)),
    ]


def _begin(user: User, *, by: str, reason: str, now: bool) -> User:
    """The person as they are in the database, erased to everybody from the commit on."""
    with transaction.atomic():
        person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if person.status == UserStatus.ERASED:
            return person
        holds.require_none(person)
        if now and person.status != UserStatus.DEACTIVATED:
            status.deactivate(user=person, reason=reason or "erased at once")
        if not now and not _is_due(person.erasure_due_at):
            raise NotDueError
        status.move(person, UserStatus.ERASED, reason="")
        _take_up(person, by=by, reason=reason)
    return person


def _is_due(moment: datetime | None) -> bool:
    return moment is not None and moment <= timezone.now()


def _take_up(person: User, *, by: str, reason: str) -> None:
    """The request that is being met; one is made for whoever never asked for one."""
    try:
        requests.make(subject=person, kind=RequestKind.ERASURE, requested_by=by, reason=reason)
    except RequestOpenError:
        log.debug("erasure.asked_for", user_id=person.public_id)
    unmet = PrivacyRequest.objects.of(person.pk).erasures().unmet()
    unmet.update(state=RequestState.RUNNING, updated_at=timezone.now())
