"""Setting up an authenticator app, and removing it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import IntegrityError, connection
from prometheus_client import REGISTRY

from config.http import context
from config.http.context import RequestContext
from config.vault.errors import VaultUnavailableError
from config.vault.models import DataKey
from events.domain import DomainEvent
from events.signals import domain_event
from mfa.errors import (
    AlreadyEnrolledError,
    InvalidCodeError,
    NotEnrolledError,
    NothingToConfirmError,
)
from mfa.events import MfaDisabled, MfaEnabled
from mfa.models import BackupCode, TotpDevice
from mfa.services import totp, verification
from mfa.tests.factories import App, a_person, an_enrolled_person, device_of

pytestmark = pytest.mark.django_db


def enrolments(method: str, outcome: str) -> float:
    labels = {"method": method, "outcome": outcome}
    return REGISTRY.get_sample_value("gatehouse_mfa_enrolments_total", labels) or 0.0


def test_an_enrolment_counts_for_nothing_before_it_is_confirmed() -> None:
    person = a_person()
    app = App(totp.enroll(user=person).secret)
    assert verification.methods_of(person) == ()
    with pytest.raises(InvalidCodeError):
        verification.verify(user=person, code=app.code())


def test_the_first_code_confirms_it_and_brings_ten_backup_codes(told: list[DomainEvent]) -> None:
    person = a_person()
    app = App(totp.enroll(user=person).secret)
    before = enrolments("totp", "success")
    codes = totp.confirm(user=person, code=app.code())
    assert len(set(codes)) == 10
    assert verification.methods_of(person) == ("totp", "backup_code")
    assert told == [MfaEnabled(user_id=person.public_id, method="totp", amr=("otp",))]
    assert enrolments("totp", "success") == before + 1


def test_who_hears_of_it_knows_the_session_that_proved_the_factor() -> None:
    person = a_person()
    app = App(totp.enroll(user=person).secret)
    heard: list[str] = []

    def hear(context: RequestContext, **_: Any) -> None:
        heard.append(context.session_id)

    domain_event.connect(hear, sender=MfaEnabled)
    try:
        with context.acting(RequestContext(session_id="ses_1")):
            totp.confirm(user=person, code=app.code())
    finally:
        domain_event.disconnect(hear, sender=MfaEnabled)
    assert heard == ["ses_1"]


def test_it_changes_what_policies_may_have_remembered_of_the_person() -> None:
    event = MfaEnabled(user_id="usr_1", method="totp", amr=("otp",))
    assert (
        event.touches
        == MfaDisabled(user_id="usr_1", methods=("totp",), factors_left=0).touches
        == ("user:usr_1",)
    )
    assert event.aggregate_id == event.subject_user_id == "usr_1"


def test_a_code_with_a_blank_in_the_middle_confirms_as_well() -> None:
    person = a_person()
    code = App(totp.enroll(user=person).secret).code()
    assert totp.confirm(user=person, code=f" {code[:3]} {code[3:]} ")


def test_a_wrong_code_confirms_nothing_and_the_right_one_still_does(
    told: list[DomainEvent],
) -> None:
    person = a_person()
    app = App(totp.enroll(user=person).secret)
    before = enrolments("totp", "failure")
    with pytest.raises(InvalidCodeError):
        totp.confirm(user=person, code=app.wrong_code())
    assert enrolments("totp", "failure") == before + 1
    assert told == []
    assert totp.confirm(user=person, code=app.code())


def test_the_code_that_confirmed_the_app_does_not_sign_in_as_well(clock: Any) -> None:
    person = a_person()
    app = App(totp.enroll(user=person).secret)
    totp.confirm(user=person, code=app.code())
    with pytest.raises(InvalidCodeError):
        verification.verify(user=person, code=app.code())


def test_enrolling_again_before_confirming_replaces_the_secret(clock: Any) -> None:
    person = a_person()
    first = App(totp.enroll(user=person).secret)
    second = App(totp.enroll(user=person).secret)
    with pytest.raises(InvalidCodeError):
        totp.confirm(user=person, code=first.code())
    assert totp.confirm(user=person, code=second.code())
    assert TotpDevice.objects.of(person.pk).count() == 1


def test_enrolling_while_enrolled_is_a_conflict() -> None:
    person, _, _ = an_enrolled_person()
    with pytest.raises(AlreadyEnrolledError):
        totp.enroll(user=person)
    assert device_of(person).confirmed


def test_there_must_be_something_to_confirm() -> None:
    with pytest.raises(NothingToConfirmError):
        totp.confirm(user=a_person(), code="123456")
    person, app, _ = an_enrolled_person()
    with pytest.raises(NothingToConfirmError):
        totp.confirm(user=person, code=app.code())


def test_the_qr_code_is_one_svg_element() -> None:
    drawing = totp.enroll(user=a_person()).qr_svg
    assert drawing.startswith("<svg")
    root = ElementTree.fromstring(drawing)  # noqa: S314 - we drew it ourselves
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


def test_removing_takes_the_app_and_the_backup_codes(told: list[DomainEvent]) -> None:
    person, app, codes = an_enrolled_person()
    told.clear()
    totp.remove(user=person)
    assert verification.methods_of(person) == ()
    assert not BackupCode.objects.of(person.pk).exists()
    assert told == [MfaDisabled(user_id=person.public_id, methods=("totp",), factors_left=0)]
    for code in (app.code(), codes[0]):
        with pytest.raises(InvalidCodeError):
            verification.verify(user=person, code=code)


def test_one_can_enrol_again_after_removing() -> None:
    person, _, _ = an_enrolled_person()
    totp.remove(user=person)
    app = App(totp.enroll(user=person).secret)
    assert totp.confirm(user=person, code=app.code())


def test_there_must_be_something_to_remove(told: list[DomainEvent]) -> None:
    person = a_person()
    totp.enroll(user=person)
    with pytest.raises(NotEnrolledError):
        totp.remove(user=person)
    assert told == []


def test_without_the_vault_nothing_is_enrolled(environment: Callable[..., None]) -> None:
    person = a_person()
    environment(vault_local_key=None)
    with pytest.raises(VaultUnavailableError):
        totp.enroll(user=person)
    assert not TotpDevice.objects.of(person.pk).exists()


def test_the_secret_is_sealed_under_the_person_s_own_data_key() -> None:
    person, _, _ = an_enrolled_person()
    assert device_of(person).key_subject.canonical == f"user:{person.public_id}"
    assert DataKey.objects.of_subject(device_of(person).key_subject).count() == 1


@pytest.mark.parametrize("confirmed", [True, False])
def test_the_database_holds_one_device_of_each_state_a_person(confirmed: bool) -> None:
    person, _, _ = an_enrolled_person()
    device = device_of(person)
    TotpDevice.objects.filter(pk=device.pk).update(confirmed=confirmed)
    device.pk = None
    device.id = TotpDevice().id
    device.confirmed = confirmed
    with pytest.raises(IntegrityError):
        device.save(force_insert=True)


def test_the_database_refuses_a_confirmed_device_that_no_code_proved() -> None:
    person = a_person()
    totp.enroll(user=person)
    with pytest.raises(IntegrityError):
        TotpDevice.objects.of(person.pk).update(confirmed=True)


@pytest.mark.django_db(transaction=True)
def test_enrolling_and_confirming_at_once_leaves_one_device_and_one_set_of_codes() -> None:
    person = a_person()
    gate = threading.Barrier(8)

    def work(_: int) -> str:
        try:
            gate.wait(30)
            app = App(totp.enroll(user=person).secret)
            totp.confirm(user=person, code=app.code())
        except (AlreadyEnrolledError, NothingToConfirmError, InvalidCodeError) as refusal:
            return type(refusal).__name__
        else:
            return "enrolled"
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(work, range(8)))
    assert outcomes.count("enrolled") == 1
    assert TotpDevice.objects.confirmed().of(person.pk).count() == 1
    assert TotpDevice.objects.pending().of(person.pk).count() == 0
    assert BackupCode.objects.of(person.pk).count() == 10
