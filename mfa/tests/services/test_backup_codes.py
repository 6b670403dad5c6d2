"""Backup codes: ten, shown once, each good once."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from prometheus_client import REGISTRY

from events.domain import DomainEvent
from mfa.errors import InvalidCodeError, NotEnrolledError
from mfa.events import BackupCodesReplaced, MfaFailed, MfaPassed
from mfa.models import BackupCode
from mfa.services import backup_codes, verification
from mfa.services.verification import VerifiedFactor
from mfa.tests.factories import a_person, an_enrolled_person

pytestmark = pytest.mark.django_db


def test_a_backup_code_passes_once(told: list[DomainEvent]) -> None:
    person, _, codes = an_enrolled_person()
    told.clear()
    assert verification.verify(user=person, code=codes[3]) == VerifiedFactor(
        "backup_code", ("otp",)
    )
    with pytest.raises(InvalidCodeError):
        verification.verify(user=person, code=codes[3])
    assert told == [
        MfaPassed(user_id=person.public_id, method="backup_code"),
        MfaFailed(user_id=person.public_id, method="backup_code", reason="wrong"),
    ]
    assert BackupCode.objects.of(person.pk).unused().count() == 9


def test_every_code_of_a_set_works_and_then_there_is_none_left() -> None:
    person, _, codes = an_enrolled_person()
    for code in codes:
        assert verification.verify(user=person, code=code)
    assert verification.methods_of(person) == ("totp",)


def test_a_code_works_however_it_is_typed() -> None:
    person, _, codes = an_enrolled_person()
    assert verification.verify(user=person, code=codes[0].upper())
    assert verification.verify(user=person, code=codes[1].replace("-", ""))
    assert verification.verify(user=person, code=f"  {codes[2].replace('-', ' ')} ")
    with_lookalikes = codes[3].replace("1", "l").replace("0", "O")
    assert verification.verify(user=person, code=with_lookalikes)


def test_codes_are_drawn_from_letters_that_are_not_taken_for_digits() -> None:
    _, _, codes = an_enrolled_person()
    pattern = re.compile(r"[0-9a-hjkmnp-tv-z]{5}-[0-9a-hjkmnp-tv-z]{5}")
    assert all(pattern.fullmatch(code) for code in codes)


def test_one_person_s_code_does_not_serve_another() -> None:
    _, _, codes = an_enrolled_person()
    other, _, _ = an_enrolled_person()
    with pytest.raises(InvalidCodeError):
        verification.verify(user=other, code=codes[0])


def test_a_stored_code_that_is_given_to_another_person_does_not_serve_them() -> None:
    owner, _, codes = an_enrolled_person()
    thief, _, _ = an_enrolled_person()
    BackupCode.objects.of(owner.pk).update(user_id=thief.pk)
    with pytest.raises(InvalidCodeError):
        verification.verify(user=thief, code=codes[0])


def test_what_is_stored_is_not_what_is_typed() -> None:
    person, _, codes = an_enrolled_person()
    stored = b"".join(bytes(row.code_hash) for row in BackupCode.objects.of(person.pk))
    assert len(stored) == 320
    assert all(code.encode() not in stored for code in codes)
    assert all(code not in str(BackupCode.objects.of(person.pk)) for code in codes)


def test_a_new_set_kills_the_former_one(told: list[DomainEvent]) -> None:
    person, _, former = an_enrolled_person()
    told.clear()
    name, labels = "gatehouse_mfa_enrolments_total", {"method": "backup_code", "outcome": "success"}
    before = REGISTRY.get_sample_value(name, labels) or 0.0
    fresh = backup_codes.regenerate(user=person)
    assert REGISTRY.get_sample_value(name, labels) == before + 1
    assert told == [BackupCodesReplaced(user_id=person.public_id, method="backup_code")]
    assert not set(fresh) & set(former)
    with pytest.raises(InvalidCodeError):
        verification.verify(user=person, code=former[0])
    assert verification.verify(user=person, code=fresh[0])


def test_without_an_app_there_are_no_backup_codes() -> None:
    with pytest.raises(NotEnrolledError):
        backup_codes.regenerate(user=a_person())


@pytest.mark.django_db(transaction=True)
def test_of_twenty_requests_with_one_backup_code_exactly_one_passes() -> None:
    person, _, codes = an_enrolled_person()
    gate = threading.Barrier(20)

    def attempt(_: int) -> bool:
        try:
            gate.wait(30)
            verification.verify(user=person, code=codes[0])
        except InvalidCodeError:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(attempt, range(20))).count(True) == 1
