"""Erasing a person takes what is personal out of the trail, and the chain still holds."""

import pytest
from django.db import ProgrammingError, connection, transaction

from audit.chain.models import ChainLink
from audit.models import AuthEvent
from audit.services.chaining import chain_waiting
from audit.services.forgetting import forget_person
from audit.tests.chain.tampering import found, tamper
from audit.tests.factories import AuthEventFactory, new_user
from audit.types import ActorType, AuditType

pytestmark = pytest.mark.django_db

PERSONAL = {
    "ip": "192.0.2.8",
    "country": "NO",
    "asn": 64496,
    "device_fingerprint": "abc",
    "user_agent": "Browser/1",
    "risk_signals": ["new_device"],
    "metadata": {"email": "a@example.com"},
}


@pytest.fixture
def person() -> str:
    """Somebody with two rows in chains and one that waits."""
    user_id = new_user()
    AuthEventFactory.create(subject_user_id=user_id, **PERSONAL)
    AuthEventFactory.create(actor_type=ActorType.USER, actor_id=user_id, **PERSONAL)
    AuthEventFactory.create(**PERSONAL)  # somebody else's
    chain_waiting()
    AuthEventFactory.create(subject_user_id=user_id, **PERSONAL)
    return user_id


def erase(user_id: str) -> None:
    with transaction.atomic():
        AuthEventFactory.create(event_type=AuditType.ACCOUNT_ERASED, subject_user_id=user_id)
        forget_person(user_id=user_id)


def test_nothing_personal_is_left_and_the_chain_holds(person: str) -> None:
    erase(person)

    blank = AuthEvent.objects.filter(ip=None, metadata={}, user_agent="", asn=None)
    assert blank.count() == 4  # with the row of the erasure
    assert ChainLink.objects.filter(salt=None).count() == 2
    assert AuthEvent.objects.get(metadata=PERSONAL["metadata"]).ip == "192.0.2.8"
    chain_waiting()
    assert found() == set()


def test_who_blanks_a_row_without_an_erasure_is_found_out(person: str) -> None:
    forget_person(user_id=person)
    assert {kind for kind, _ in found()} == {"altered"}
    assert len(found()) == 2


def test_an_erased_row_that_is_altered_is_found(person: str) -> None:
    erase(person)
    chain_waiting()
    row = AuthEvent.objects.for_user(person).newest_first()[2]
    tamper("UPDATE audit_authevent SET outcome = 'failure' WHERE event_id = %s", row.event_id)
    assert found() == {("altered", row.public_id)}


def test_an_erased_row_that_is_filled_again_is_found(person: str) -> None:
    erase(person)
    row = AuthEvent.objects.for_user(person).newest_first()[2]
    tamper("UPDATE audit_authevent SET ip = '192.0.2.9' WHERE event_id = %s", row.event_id)
    assert ("altered", row.public_id) in found()


@pytest.mark.parametrize(
    "change", ["ip = '192.0.2.9'", "ip = NULL", "outcome = 'failure', ip = NULL", "country = ''"]
)
def test_even_while_forgetting_only_blanking_is_possible(person: str, change: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="append-only: UPDATE refused"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT set_config('audit.forgetting', %s, true)", [person])
        cursor.execute(f"UPDATE audit_authevent SET {change}")  # noqa: S608
