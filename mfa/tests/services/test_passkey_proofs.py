"""Proving oneself with a passkey."""

from dataclasses import replace
from typing import Any

import pytest
from prometheus_client import REGISTRY
from webauthn import verify_authentication_response

from events.domain import DomainEvent
from mfa import ceremonies
from mfa.errors import InvalidPasskeyError
from mfa.events import FactorEvent, MfaFailed, MfaPassed, PasskeyCloned
from mfa.models import Passkey
from mfa.models.passkey_challenge import ChallengePurpose
from mfa.person import Person
from mfa.services import passkey_proofs, passkeys, verification
from mfa.services.verification import VerifiedFactor
from mfa.tests.authenticator import Authenticator, base64url
from mfa.tests.factories import a_passkey, a_person
from tests.racing import at_once

pytestmark = pytest.mark.django_db
FACTOR = ChallengePurpose.SECOND_FACTOR


def verifications(outcome: str) -> float:
    labels = {"method": "passkey", "outcome": outcome}
    return REGISTRY.get_sample_value("gatehouse_mfa_verifications_total", labels) or 0.0


def options_for(person: Person) -> dict[str, Any]:
    return passkey_proofs.begin(user=person, purpose=FACTOR, binding="here")


def verify(person: Person, credential: Any, **changes: Any) -> VerifiedFactor:
    told: dict[str, Any] = {"purpose": FACTOR, "binding": "here"} | changes
    return passkey_proofs.verify(user=person, credential=credential, **told)


def test_a_passkey_proves_its_person(told: list[DomainEvent]) -> None:
    person = a_person()
    phone = a_passkey(person)
    told.clear()
    before = verifications("success")
    options = options_for(person)
    assert options["userVerification"] == "required"
    assert [item["id"] for item in options["allowCredentials"]] == [base64url(phone.credential_id)]
    assert verify(person, phone.get(options)) == VerifiedFactor("passkey", ("hwk", "user"))
    assert told == [MfaPassed(user_id=person.public_id, method="passkey")]
    assert verifications("success") == before + 1
    passkey = Passkey.objects.get()
    assert passkey.sign_count == 1
    assert passkey.last_used_at is not None


def test_an_assertion_is_good_once(told: list[DomainEvent]) -> None:
    person = a_person()
    phone = a_passkey(person)
    assertion = phone.get(options_for(person))
    verify(person, assertion)
    told.clear()
    with pytest.raises(InvalidPasskeyError):
        verify(person, assertion)
    assert told == [MfaFailed(user_id=person.public_id, method="passkey", reason="replayed")]


@pytest.mark.parametrize(
    "change",
    [{"binding": "elsewhere"}, {"purpose": ChallengePurpose.STEP_UP}],
    ids=["of another sign-in", "for another purpose"],
)
def test_a_challenge_is_good_for_what_it_was_given_out_for(change: dict[str, Any]) -> None:
    person = a_person()
    phone = a_passkey(person)
    with pytest.raises(InvalidPasskeyError):
        verify(person, phone.get(options_for(person)), **change)


def test_a_challenge_that_we_never_gave_out_is_refused() -> None:
    person = a_person()
    phone = a_passkey(person)
    with pytest.raises(InvalidPasskeyError):
        verify(person, phone.get({"challenge": base64url(b"c" * 32)}))


def test_one_persons_passkey_proves_nobody_else() -> None:
    asha, ravi = a_person(), a_person()
    phone = a_passkey(asha)
    a_passkey(ravi)
    with pytest.raises(InvalidPasskeyError):
        verify(ravi, phone.get(options_for(ravi)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"rp_id": "evil.example"},
        {"verifies": False},
        {"cross_origin": True},
        {"key": Authenticator().key},
    ],
    ids=["origin", "rp id", "unverified", "framed", "another key"],
)
def test_what_a_page_of_somebody_else_gets_signed_is_refused(wrong: dict[str, Any]) -> None:
    person = a_person()
    phone = replace(a_passkey(person), **wrong)
    before = verifications("wrong")
    with pytest.raises(InvalidPasskeyError):
        verify(person, phone.get(options_for(person)))
    assert verifications("wrong") == before + 1
    assert Passkey.objects.get().sign_count == 0


def test_a_further_origin_counts_once_it_is_set(environment: Any) -> None:
    person = a_person()
    phone = replace(a_passkey(person), origin="https://app.localhost")
    with pytest.raises(InvalidPasskeyError):
        verify(person, phone.get(options_for(person)))
    environment(passkey_origins=["https://app.localhost"])
    assert verify(person, phone.get(options_for(person)))


def test_the_domain_may_be_one_above_ours(environment: Any) -> None:
    environment(public_url="https://id.example.com", passkey_rp_id="example.com")
    person = a_person()
    phone = a_passkey(person, origin="https://id.example.com", rp_id="example.com")
    assert verify(person, phone.get(options_for(person)))


def test_a_copy_of_a_passkey_is_noticed_and_neither_is_believed(told: list[DomainEvent]) -> None:
    person = a_person()
    phone = a_passkey(person)
    copy = replace(phone)
    verify(person, phone.get(options_for(person)))
    told.clear()
    with pytest.raises(InvalidPasskeyError):
        verify(person, copy.get(options_for(person)))
    passkey = Passkey.objects.get()
    assert [event for event in told if isinstance(event, FactorEvent)] == [
        PasskeyCloned(user_id=person.public_id, method="passkey", passkey_id=passkey.public_id),
        MfaFailed(user_id=person.public_id, method="passkey", reason="cloned"),
    ]
    told.clear()
    with pytest.raises(InvalidPasskeyError):
        verify(person, phone.get(options_for(person)))
    assert [type(event) for event in told] == [MfaFailed]


def test_a_blocked_passkey_does_not_make_the_password_enough() -> None:
    person = a_person()
    a_passkey(person)
    Passkey.objects.block(Passkey.objects.get(), at=Passkey.objects.get().created_at)
    assert "passkey" in verification.methods_of(person)
    assert options_for(person)["allowCredentials"] == []


def test_a_count_that_nobody_signed_blocks_nothing() -> None:
    person = a_person()
    phone = a_passkey(person)
    verify(person, phone.get(options_for(person)))
    stranger = replace(phone, key=Authenticator().key, count=-1)
    with pytest.raises(InvalidPasskeyError):
        verify(person, stranger.get(options_for(person)))
    assert Passkey.objects.get().blocked_at is None


def test_authenticators_that_do_not_count_are_taken_as_they_are() -> None:
    person = a_person()
    phone = a_passkey(person, count=None)
    for _ in range(2):
        assert verify(person, phone.get(options_for(person)))


def test_one_that_counted_must_not_stop() -> None:
    person = a_person()
    phone = a_passkey(person)
    verify(person, phone.get(options_for(person)))
    with pytest.raises(InvalidPasskeyError):
        verify(person, replace(phone, count=None).get(options_for(person)))
    assert Passkey.objects.get().blocked_at is not None


def test_who_signs_in_is_found_by_the_passkey_alone() -> None:
    person = a_person()
    phone = a_passkey(person)
    a_passkey(a_person())
    options = passkey_proofs.begin_sign_in()
    assert options.get("allowCredentials", []) == []
    found = passkey_proofs.identify(credential=phone.get(options))
    assert (found.refusal, found.amr) == (None, ("hwk", "user", "mfa"))
    assert found.passkey is not None
    assert found.passkey.user_id == person.pk


def test_an_unknown_passkey_costs_a_signature_check_too(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[bytes] = []
    honest = verify_authentication_response

    def noting(**arguments: Any) -> Any:
        checked.append(arguments["credential_public_key"])
        return honest(**arguments)

    monkeypatch.setattr(ceremonies, "verify_authentication_response", noting)
    found = passkey_proofs.identify(credential=Authenticator().get(passkey_proofs.begin_sign_in()))
    assert (found.refusal, found.passkey, found.amr) == ("wrong", None, ())
    assert checked == [ceremonies.NOBODYS_KEY]


@pytest.mark.parametrize("handle", [b"", b"somebody else"])
def test_the_authenticator_must_know_whose_key_it_is(handle: bytes) -> None:
    phone = replace(a_passkey(a_person()), handle=handle)
    found = passkey_proofs.identify(credential=phone.get(passkey_proofs.begin_sign_in()))
    assert found.refusal == "wrong"


def test_a_sign_in_challenge_is_bound_to_its_browser() -> None:
    phone = a_passkey(a_person())
    options = passkey_proofs.begin_sign_in(binding="mine")
    assert passkey_proofs.identify(credential=phone.get(options), binding="theirs").refusal
    assert not passkey_proofs.identify(credential=phone.get(options), binding="mine").refusal


def test_a_removed_passkey_opens_nothing() -> None:
    person = a_person()
    phone = a_passkey(person)
    options = passkey_proofs.begin_sign_in()
    passkeys.remove(user=person, passkey_id=Passkey.objects.get().public_id)
    assert passkey_proofs.identify(credential=phone.get(options)).refusal == "wrong"


@pytest.mark.django_db(transaction=True)
def test_of_twenty_answers_to_one_challenge_one_passes() -> None:
    person = a_person()
    assertion = a_passkey(person).get(options_for(person))
    outcomes = at_once(*[lambda: verify(person, assertion)] * 20)
    assert sum(isinstance(outcome, VerifiedFactor) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, InvalidPasskeyError) for outcome in outcomes) == 19


@pytest.mark.django_db(transaction=True)
def test_of_twenty_with_the_same_count_one_passes() -> None:
    person = a_person()
    phone = a_passkey(person)
    assertions = [replace(phone).get(options_for(person)) for _ in range(20)]
    outcomes = at_once(
        *(lambda assertion=assertion: verify(person, assertion) for assertion in assertions)
    )
    assert sum(isinstance(outcome, VerifiedFactor) for outcome in outcomes) == 1
