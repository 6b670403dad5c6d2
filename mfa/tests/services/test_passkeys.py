"""Adding passkeys, and removing them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError
from django.utils import timezone

from events.domain import DomainEvent
from mfa.errors import InvalidPasskeyError, PasskeyNotFoundError, TooManyPasskeysError
from mfa.events import MfaDisabled, MfaEnabled, PasskeyRenamed
from mfa.models import BackupCode, Passkey, PasskeyChallenge, TotpDevice
from mfa.models.passkey_challenge import ChallengePurpose
from mfa.person import Person
from mfa.services import (
    backup_codes,
    factors,
    passkey_challenges,
    passkey_proofs,
    passkeys,
    totp,
    verification,
)
from mfa.services.passkeys import AddedPasskey
from mfa.tests.authenticator import Authenticator, base64url, from_base64url
from mfa.tests.factories import App, a_passkey, a_person, an_enrolled_person
from tests.racing import at_once

pytestmark = pytest.mark.django_db


def add(person: Person, authenticator: Authenticator, **changes: Any) -> AddedPasskey:
    options = passkeys.begin(user=person, binding="ses_1")
    told: dict[str, Any] = {"user": person, "name": "Phone", "binding": "ses_1"} | changes
    return passkeys.add(credential=authenticator.create(options), **told)


def test_options_ask_for_a_discoverable_key_and_a_verified_person() -> None:
    person = a_person()
    options = passkeys.begin(user=person, binding="ses_1")
    assert options["rp"] == {"id": "localhost", "name": "Gatehouse"}
    assert from_base64url(options["user"]["id"]) == person.pk.bytes
    assert options["attestation"] == "none"
    selection = options["authenticatorSelection"]
    assert selection["residentKey"] == selection["userVerification"] == "required"
    assert len(from_base64url(options["challenge"])) == 32
    assert {item["alg"] for item in options["pubKeyCredParams"]} == {-8, -7, -257}


def test_the_first_passkey_brings_backup_codes_and_the_next_does_not(
    told: list[DomainEvent],
) -> None:
    person = a_person()
    added = add(person, Authenticator())
    assert len(added.backup_codes) == 10
    assert told == [
        MfaEnabled(user_id=person.public_id, method="passkey", amr=("hwk", "user")),
    ]
    assert verification.methods_of(person) == ("passkey", "backup_code")
    assert added.passkey.transports == ["internal"]
    assert add(person, Authenticator()).backup_codes == ()
    assert BackupCode.objects.of(person.pk).unused().count() == 10


def test_whichever_factor_is_first_brings_the_codes() -> None:
    person = a_person()
    a_passkey(person)
    app = App(totp.enroll(user=person).secret)
    assert totp.confirm(user=person, code=app.code()) == ()
    assert verification.methods_of(person) == ("totp", "passkey", "backup_code")


def test_a_synced_passkey_is_said_to_be_no_hardware(told: list[DomainEvent]) -> None:
    add(a_person(), Authenticator(synced=True))
    event = told[0]
    assert isinstance(event, MfaEnabled)
    assert event.amr == ("swk", "user")


def test_known_authenticators_are_excluded() -> None:
    person = a_person()
    authenticator = a_passkey(person)
    options = passkeys.begin(user=person, binding="ses_1")
    assert [item["id"] for item in options["excludeCredentials"]] == [
        base64url(authenticator.credential_id)
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:8000.evil.example"},
        {"rp_id": "evil.example"},
        {"verifies": False},
        {"cross_origin": True},
        {"credential_id": b"x" * 1024},
    ],
)
def test_what_is_not_ours_or_not_verified_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidPasskeyError):
        add(a_person(), Authenticator(**wrong))
    assert not Passkey.objects.exists()


def test_a_challenge_is_good_once() -> None:
    person = a_person()
    options = passkeys.begin(user=person, binding="ses_1")
    for authenticator, good in ((Authenticator(), True), (Authenticator(), False)):
        credential = authenticator.create(options)
        if good:
            passkeys.add(user=person, credential=credential, name="", binding="ses_1")
        else:
            with pytest.raises(InvalidPasskeyError):
                passkeys.add(user=person, credential=credential, name="", binding="ses_1")


def test_a_challenge_is_used_up_by_a_wrong_answer_too() -> None:
    person = a_person()
    options = passkeys.begin(user=person, binding="ses_1")
    for authenticator in (Authenticator(verifies=False), Authenticator()):
        with pytest.raises(InvalidPasskeyError):
            passkeys.add(
                user=person, credential=authenticator.create(options), name="", binding="ses_1"
            )


@pytest.mark.parametrize("change", [{"binding": "ses_2"}, {"user": None}])
def test_a_challenge_is_good_in_its_own_session_and_for_its_own_person(
    change: dict[str, Any],
) -> None:
    if "user" in change:
        change = {"user": a_person()}
    with pytest.raises(InvalidPasskeyError):
        add(a_person(), Authenticator(), **change)


def test_a_challenge_is_good_for_five_minutes() -> None:
    person = a_person()
    options = passkeys.begin(user=person, binding="ses_1")
    credential = Authenticator().create(options)
    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=1)):
        with pytest.raises(InvalidPasskeyError):
            passkeys.add(user=person, credential=credential, name="", binding="ses_1")
        assert passkey_challenges.forget_expired() == 1
    assert not PasskeyChallenge.objects.exists()


def test_a_challenge_for_signing_makes_no_key() -> None:
    person = a_person()
    options = passkeys.begin(user=person, binding="ses_1")
    other = passkey_proofs.begin(user=person, purpose=ChallengePurpose.STEP_UP, binding="ses_1")
    credential = Authenticator().create(options | {"challenge": other["challenge"]})
    with pytest.raises(InvalidPasskeyError):
        passkeys.add(user=person, credential=credential, name="", binding="ses_1")


def test_nobody_registers_a_passkey_that_somebody_has() -> None:
    taken = a_passkey(a_person())
    with pytest.raises(InvalidPasskeyError):
        add(a_person(), taken)
    assert Passkey.objects.count() == 1


def test_one_may_have_so_many(environment: Callable[..., None]) -> None:
    environment(passkeys_per_person=2)
    person = a_person()
    options = passkeys.begin(user=person, binding="ses_1")
    a_passkey(person)
    a_passkey(person)
    with pytest.raises(TooManyPasskeysError):
        passkeys.begin(user=person, binding="ses_1")
    with pytest.raises(TooManyPasskeysError):
        passkeys.add(
            user=person, credential=Authenticator().create(options), name="", binding="ses_1"
        )


def test_renaming_is_for_ones_own(told: list[DomainEvent]) -> None:
    person = a_person()
    passkey = add(person, Authenticator()).passkey
    told.clear()
    passkeys.rename(user=person, passkey_id=passkey.public_id, name="Blue key")
    assert Passkey.objects.get().name == "Blue key"
    assert told == [
        PasskeyRenamed(user_id=person.public_id, method="passkey", passkey_id=passkey.public_id)
    ]
    for user, passkey_id in ((a_person(), passkey.public_id), (person, "pky_nonsense")):
        with pytest.raises(PasskeyNotFoundError):
            passkeys.rename(user=user, passkey_id=passkey_id, name="Mine")
        with pytest.raises(PasskeyNotFoundError):
            passkeys.remove(user=user, passkey_id=passkey_id)


def test_the_backup_codes_go_with_the_last_factor(told: list[DomainEvent]) -> None:
    person, _, _ = an_enrolled_person()
    passkey = add(person, Authenticator()).passkey
    told.clear()
    totp.remove(user=person)
    assert BackupCode.objects.of(person.pk).unused().count() == 10
    passkeys.remove(user=person, passkey_id=passkey.public_id)
    assert not BackupCode.objects.of(person.pk).exists()
    assert verification.methods_of(person) == ()
    assert told == [
        MfaDisabled(user_id=person.public_id, methods=("totp",), factors_left=1),
        MfaDisabled(user_id=person.public_id, methods=("passkey",), factors_left=0),
    ]


def test_backup_codes_are_made_anew_with_a_passkey_alone() -> None:
    person = a_person()
    a_passkey(person)
    assert len(backup_codes.regenerate(user=person)) == 10


def test_people_with_any_factor_are_told_in_one_query(django_assert_num_queries: Any) -> None:
    with_app, _, _ = an_enrolled_person()
    with_key, with_none, waiting = a_person(), a_person(), a_person()
    a_passkey(with_key)
    totp.enroll(user=waiting)
    ids = [person.pk for person in (with_app, with_key, with_none, waiting)]
    with django_assert_num_queries(1):
        assert factors.enrolled_among(ids) == {with_app.pk, with_key.pk}
    with django_assert_num_queries(1):
        assert verification.methods_of(with_key) == ("passkey", "backup_code")


def test_everything_goes_at_once() -> None:
    person, _, _ = an_enrolled_person()
    a_passkey(person)
    options = passkeys.begin(user=person, binding="ses_1")
    factors.remove_all(user=person)
    assert factors.count(person) == 0
    assert not TotpDevice.objects.of(person.pk).exists()
    assert not BackupCode.objects.of(person.pk).exists()
    with pytest.raises(InvalidPasskeyError):
        passkeys.add(
            user=person, credential=Authenticator().create(options), name="", binding="ses_1"
        )


@pytest.mark.parametrize("count", [-1, 2**32])
def test_the_database_holds_counts_that_authenticators_can_tell(count: int) -> None:
    a_passkey(a_person())
    with pytest.raises(IntegrityError):
        Passkey.objects.update(sign_count=count)


@pytest.mark.django_db(transaction=True)
def test_of_twenty_answers_to_one_challenge_one_adds_a_passkey() -> None:
    person = a_person()
    options = passkeys.begin(user=person, binding="ses_1")

    def answer() -> AddedPasskey:
        credential = Authenticator().create(options)
        return passkeys.add(user=person, credential=credential, name="", binding="ses_1")

    outcomes = at_once(*[answer] * 20)
    assert sum(isinstance(outcome, AddedPasskey) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, InvalidPasskeyError) for outcome in outcomes) == 19
    assert Passkey.objects.count() == 1
