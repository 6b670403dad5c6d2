"""Proving the app: a step works once, near its time, and guessing gets slower."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from prometheus_client import REGISTRY

from config.vault.errors import VaultUnavailableError
from config.vault.opened_keys import opened_keys
from events.domain import DomainEvent
from mfa.errors import CodesThrottledError, InvalidCodeError
from mfa.events import MfaFailed, MfaPassed
from mfa.services import verification
from mfa.services.verification import VerifiedFactor
from mfa.tests.factories import App, a_person, an_enrolled_person, device_of
from tests.racing import at_once

pytestmark = pytest.mark.django_db


def verifications(outcome: str) -> float:
    labels = {"method": "totp", "outcome": outcome}
    return REGISTRY.get_sample_value("gatehouse_mfa_verifications_total", labels) or 0.0


def fail(person: Any, app: App, times: int) -> None:
    for _ in range(times):
        with pytest.raises(InvalidCodeError):
            verification.verify(user=person, code=app.wrong_code())


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_the_code_of_this_step_and_its_neighbours_is_accepted(
    steps: int, clock: Any, told: list[DomainEvent]
) -> None:
    person, app, _ = an_enrolled_person()
    told.clear()
    before = verifications("success")
    assert verification.verify(user=person, code=app.code(steps=steps)) == VerifiedFactor(
        "totp", ("otp",)
    )
    assert told == [MfaPassed(user_id=person.public_id, method="totp")]
    assert verifications("success") == before + 1


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_code_of_two_steps_away_is_refused(
    steps: int, clock: Any, told: list[DomainEvent]
) -> None:
    person, app, _ = an_enrolled_person()
    told.clear()
    before = verifications("wrong")
    with pytest.raises(InvalidCodeError):
        verification.verify(user=person, code=app.code(steps=steps))
    assert told == [MfaFailed(user_id=person.public_id, method="totp", reason="wrong")]
    assert verifications("wrong") == before + 1


def test_a_code_with_a_blank_in_the_middle_is_accepted() -> None:
    person, app, _ = an_enrolled_person()
    code = app.code()
    assert verification.verify(user=person, code=f"{code[:3]} {code[3:]}\n")


def test_a_step_is_not_accepted_a_second_time(clock: Any, told: list[DomainEvent]) -> None:
    person, app, _ = an_enrolled_person()
    verification.verify(user=person, code=app.code())
    told.clear()
    with pytest.raises(InvalidCodeError):
        verification.verify(user=person, code=app.code())
    assert told == [MfaFailed(user_id=person.public_id, method="totp", reason="replayed")]


def test_a_step_older_than_one_that_was_used_is_not_accepted(clock: Any) -> None:
    person, app, _ = an_enrolled_person()
    verification.verify(user=person, code=app.code())
    with pytest.raises(InvalidCodeError):
        verification.verify(user=person, code=app.code(steps=-1))
    assert verification.verify(user=person, code=app.code(steps=1))


def test_the_next_step_works_after_one_was_used(clock: Any) -> None:
    person, app, _ = an_enrolled_person()
    for _ in range(4):
        assert verification.verify(user=person, code=app.code())
        clock.shift(30)


def test_one_person_s_code_does_not_serve_another(clock: Any) -> None:
    _, app, _ = an_enrolled_person()
    other, _, _ = an_enrolled_person()
    with pytest.raises(InvalidCodeError):
        verification.verify(user=other, code=app.code())


def test_a_person_without_a_factor_proves_none(told: list[DomainEvent]) -> None:
    person = a_person()
    with pytest.raises(InvalidCodeError):
        verification.verify(user=person, code="123456")
    assert told == [MfaFailed(user_id=person.public_id, method="totp", reason="no_factor")]


def test_after_five_wrong_codes_even_the_right_one_waits(
    clock: Any, told: list[DomainEvent]
) -> None:
    person, app, _ = an_enrolled_person()
    fail(person, app, 5)
    told.clear()
    with pytest.raises(CodesThrottledError) as caught:
        verification.verify(user=person, code=app.code())
    assert caught.value.headers == {"Retry-After": "1"}
    assert told == [MfaFailed(user_id=person.public_id, method="totp", reason="throttled")]
    clock.shift(1)
    assert verification.verify(user=person, code=app.code())
    assert device_of(person).failures == 0


def test_each_further_wrong_code_doubles_the_wait_up_to_a_limit(
    clock: Any, environment: Callable[..., None]
) -> None:
    environment(login_failure_window=60)
    person, app, _ = an_enrolled_person()
    fail(person, app, 5)
    waits = []
    for _ in range(9):
        with pytest.raises(CodesThrottledError) as caught:
            verification.verify(user=person, code=app.wrong_code())
        waits.append(int(caught.value.headers["Retry-After"]))
        clock.shift(waits[-1])
        fail(person, app, 1)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_an_attempt_during_the_wait_does_not_lengthen_it(clock: Any) -> None:
    person, app, _ = an_enrolled_person()
    fail(person, app, 5)
    for _ in range(20):
        with pytest.raises(CodesThrottledError):
            verification.verify(user=person, code=app.wrong_code())
    assert device_of(person).failures == 5


def test_a_wait_of_one_person_is_not_that_of_another(clock: Any) -> None:
    person, app, _ = an_enrolled_person()
    other, other_app, _ = an_enrolled_person()
    fail(person, app, 6 - 1)
    assert verification.verify(user=other, code=other_app.code())


def test_with_the_vault_away_nobody_passes_and_nobody_is_blamed(
    environment: Callable[..., None], clock: Any, told: list[DomainEvent]
) -> None:
    person, app, _ = an_enrolled_person()
    told.clear()
    opened_keys.clear()
    environment(vault_local_key=None)
    with pytest.raises(VaultUnavailableError):
        verification.verify(user=person, code=app.code())
    assert told == []
    assert device_of(person).failures == 0


def test_django_otp_s_question_has_the_same_answer(clock: Any) -> None:
    person, app, _ = an_enrolled_person()
    assert device_of(person).verify_token(app.wrong_code()) is False
    assert device_of(person).verify_token(app.code()) is True
    assert device_of(person).verify_token(app.code()) is False


def test_a_code_is_not_verified_inside_a_transaction_that_could_undo_the_failure() -> None:
    person, app, _ = an_enrolled_person()
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        verification.verify(user=person, code=app.code())


def answers_to(codes: list[str], person: Any) -> list[str]:
    """What verifying each code came to, all at the same moment."""

    def attempt(code: str) -> str:
        try:
            verification.verify(user=person, code=code)
        except (InvalidCodeError, CodesThrottledError) as refusal:
            return refusal.slug
        return "accepted"

    return at_once(*(partial(attempt, code) for code in codes))


@pytest.mark.django_db(transaction=True)
def test_of_twenty_requests_with_the_same_code_exactly_one_passes() -> None:
    person, app, _ = an_enrolled_person()
    outcomes = answers_to([app.code()] * 20, person)
    assert outcomes.count("accepted") == 1
    assert set(outcomes) == {"accepted", "invalid-code", "codes-throttled"}


@pytest.mark.django_db(transaction=True)
def test_wrong_codes_sent_at_once_are_counted_one_by_one() -> None:
    person, app, _ = an_enrolled_person()
    outcomes = answers_to([app.wrong_code()] * 20, person)
    assert outcomes.count("invalid-code") >= 5
    assert device_of(person).failures == outcomes.count("invalid-code")
    assert "codes-throttled" in outcomes
