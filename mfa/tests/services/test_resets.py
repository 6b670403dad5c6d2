"""Resets of lost factors: three different people, one decision."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone
from prometheus_client import REGISTRY

from events.domain import DomainEvent
from events.tests.threads import threads
from mfa.errors import (
    NotEnrolledError,
    ResetAlreadyOpenError,
    ResetNeedsAnotherPersonError,
    ResetNotFoundError,
)
from mfa.events import FactorsReset, PersonEvent, ResetApproved, ResetCancelled, ResetRequested
from mfa.models import ResetRequest
from mfa.person import Person
from mfa.services import factors, resets
from mfa.tests.factories import a_passkey, a_person, an_enrolled_person
from tests.racing import at_once, sessions_that_wait
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db


@pytest.fixture
def lost() -> Person:
    """Somebody with an app and a passkey, neither of which they have any more."""
    person, _, _ = an_enrolled_person()
    a_passkey(person)
    return person


@pytest.fixture
def staff() -> tuple[Person, Person]:
    return a_person(), a_person()


def ask(lost: Person, by: Person) -> ResetRequest:
    return resets.request(user=lost, requested_by=by, reason="phone at the bottom of a lake")


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("gatehouse_mfa_resets_total", {"outcome": outcome}) or 0.0


def of_this_app(told: list[DomainEvent]) -> list[DomainEvent]:
    return [event for event in told if isinstance(event, PersonEvent)]


def test_one_asks_and_another_approves(
    lost: Person, staff: tuple[Person, Person], told: list[DomainEvent]
) -> None:
    one, other = staff
    told.clear()
    before = counted("approved")
    asked = ask(lost, one)
    assert factors.count(lost) == 2
    resets.approve(user=lost, approved_by=other)
    assert factors.count(lost) == 0
    assert counted("approved") == before + 1
    assert of_this_app(told) == [
        ResetRequested(
            user_id=lost.public_id,
            reset_id=asked.public_id,
            requested_by=one.public_id,
            reason="phone at the bottom of a lake",
        ),
        FactorsReset(user_id=lost.public_id, methods=("passkey", "totp"), factors_left=0),
        ResetApproved(
            user_id=lost.public_id,
            reset_id=asked.public_id,
            requested_by=one.public_id,
            approved_by=other.public_id,
        ),
    ]


def test_who_asked_does_not_approve_and_nobody_does_it_for_themself(
    lost: Person, staff: tuple[Person, Person]
) -> None:
    one, _ = staff
    with pytest.raises(ResetNeedsAnotherPersonError):
        ask(lost, lost)
    ask(lost, one)
    for approver in (one, lost):
        with pytest.raises(ResetNeedsAnotherPersonError):
            resets.approve(user=lost, approved_by=approver)
    assert factors.count(lost) == 2


def test_the_database_holds_that_they_are_three(lost: Person, staff: tuple[Person, Person]) -> None:
    one, _ = staff
    asked = ask(lost, one)
    now = timezone.now()
    row = ResetRequest.objects.filter(pk=asked.pk)
    wrong = [
        {"requested_by": lost.pk},
        {"status": "approved", "decided_by": one.pk, "decided_at": now},
        {"status": "approved", "decided_by": lost.pk, "decided_at": now},
        {"status": "approved"},
        {"reason": ""},
    ]
    for change in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            row.update(**change)


def test_one_waits_at_a_time(lost: Person, staff: tuple[Person, Person]) -> None:
    one, other = staff
    ask(lost, one)
    with pytest.raises(ResetAlreadyOpenError):
        ask(lost, other)


def test_there_must_be_something_to_reset(staff: tuple[Person, Person]) -> None:
    with pytest.raises(NotEnrolledError):
        ask(a_person(), staff[0])


def test_a_request_taken_back_is_not_approved(
    lost: Person, staff: tuple[Person, Person], told: list[DomainEvent]
) -> None:
    one, other = staff
    ask(lost, one)
    resets.cancel(user=lost, cancelled_by=one)
    assert isinstance(told[-1], ResetCancelled)
    with pytest.raises(ResetNotFoundError):
        resets.approve(user=lost, approved_by=other)
    assert factors.count(lost) == 2
    ask(lost, other)


def test_nobody_approves_what_waited_too_long(lost: Person, staff: tuple[Person, Person]) -> None:
    one, other = staff
    asked = ask(lost, one)
    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1)):
        with pytest.raises(ResetNotFoundError):
            resets.approve(user=lost, approved_by=other)
        assert resets.close_expired() == 1
        assert resets.close_expired() == 0
    asked.refresh_from_db()
    assert asked.status == "expired"


def test_a_request_that_ran_out_does_not_stand_in_the_way(
    lost: Person, staff: tuple[Person, Person]
) -> None:
    late = ask(lost, staff[0])
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        ask(lost, staff[0])
    late.refresh_from_db()
    assert late.status == "expired"


@pytest.mark.django_db(transaction=True)
def test_of_twenty_approvals_one_decides() -> None:
    lost, _, _ = an_enrolled_person()
    ask(lost, a_person())
    approvers = [a_person() for _ in range(20)]
    outcomes = at_once(
        *(
            lambda approver=approver: resets.approve(user=lost, approved_by=approver)
            for approver in approvers
        )
    )
    assert sum(isinstance(outcome, ResetRequest) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, ResetNotFoundError) for outcome in outcomes) == 19


@pytest.mark.django_db(transaction=True)
def test_two_approvals_that_meet_at_the_row_do_not_both_count() -> None:
    lost, _, _ = an_enrolled_person()
    asked, approvers = ask(lost, a_person()), [a_person(), a_person()]
    with threads(2) as others:
        with transaction.atomic():
            ResetRequest.objects.select_for_update().get(pk=asked.pk)
            approvals = [
                others.run(partial(resets.approve, user=lost, approved_by=approver))
                for approver in approvers
            ]
            wait_until(lambda: sessions_that_wait() == 2, "both wait for the row")
        refused = [approval.exception() for approval in approvals]
    assert {type(refusal) for refusal in refused} == {type(None), ResetNotFoundError}


@pytest.mark.django_db(transaction=True)
def test_of_twenty_requests_one_waits() -> None:
    lost, _, _ = an_enrolled_person()
    askers = [a_person() for _ in range(20)]
    outcomes = at_once(*(lambda asker=asker: ask(lost, asker) for asker in askers))
    assert sum(isinstance(outcome, ResetRequest) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, ResetAlreadyOpenError) for outcome in outcomes) == 19
