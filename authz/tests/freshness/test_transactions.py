"""Within a transaction: its own changes count, and what never comes to be leaves no trace."""

from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from authz.freshness import stamps
from authz.freshness.memory import StampedMemory
from authz.models import Policy, PolicyVersion, Role, RoleGrant
from authz.services import decisions, roles
from authz.tests.factories import make_person, make_role, write_policy


class ChangedMindError(Exception):
    """Rolls a transaction back."""


def allowed(person: Any) -> bool:
    return decisions.check(
        subject=f"user:{person.public_id}", action="a", resource="document:1"
    ).allowed


@pytest.fixture
def person() -> Any:
    make_role(name="reader")
    write_policy(subjects=["role:reader"])
    return make_person()


def grant(person: Any) -> None:
    roles.grant_role(user=person, role="reader", granted_by=None, reason="a test")


@pytest.mark.django_db(transaction=True)
def test_a_transaction_sees_what_it_changed_itself(person: Any) -> None:
    assert not allowed(person)
    with transaction.atomic():
        grant(person)
        assert allowed(person)
    assert allowed(person)


@pytest.mark.django_db(transaction=True)
def test_what_was_rolled_back_never_was(person: Any) -> None:
    with pytest.raises(ChangedMindError), transaction.atomic():
        grant(person)
        write_policy("everybody")
        assert allowed(person)
        raise ChangedMindError
    assert not allowed(person)


@pytest.mark.django_db(transaction=True)
def test_a_savepoint_that_is_taken_back_leaves_the_rest_told(person: Any) -> None:
    other = make_person()
    assert not allowed(person)
    assert not allowed(other)
    with transaction.atomic():
        with pytest.raises(ChangedMindError), transaction.atomic():
            grant(other)
            raise ChangedMindError
        grant(person)
    assert allowed(person)
    assert not allowed(other)


@pytest.mark.django_db(transaction=True)
def test_a_person_asked_about_between_the_word_and_the_deed_is_not_remembered(person: Any) -> None:
    """An event may be emitted before the row that it tells of is written."""
    with transaction.atomic():
        stamps.touch({f"user:{person.public_id}"})
        assert not allowed(person)
        RoleGrant.objects.create(
            user=person,
            role=Role.objects.get(name="reader"),
            granted_by="system",
            reason="a test",
            granted_at=timezone.now(),
        )
    assert allowed(person)


@pytest.mark.django_db(transaction=True)
def test_nor_are_the_policies(person: Any) -> None:
    document = Policy.objects.get().current.document | {"name": "all", "subjects": ["user:*"]}
    with transaction.atomic():
        stamps.touch({stamps.POLICIES})
        assert not allowed(person)
        policy = Policy(name="all")
        policy.current = PolicyVersion(
            policy=policy, number=1, document=document, created_by="system", reason="a test"
        )
        policy.save(force_insert=True)
        policy.current.save(force_insert=True)
    assert allowed(person)


@pytest.mark.django_db
def test_two_changes_never_have_the_same_stamp() -> None:
    seen = set()
    for _ in range(3):
        stamps.touch({"user:usr_1"})
        seen.add(stamps.current({"user:usr_1"})["user:usr_1"])
    assert len(seen) == 3


@pytest.mark.django_db
def test_what_never_changed_has_a_stamp_too() -> None:
    assert stamps.current({"user:usr_nobody"}) == {"user:usr_nobody": "never"}


def test_memory_answers_only_for_the_stamp_it_was_told() -> None:
    memory: StampedMemory[str] = StampedMemory(lambda: 2)
    memory.remember("a", "1", "old")
    assert memory.recall("a", "1") == "old"
    assert memory.recall("a", "2") is None
    memory.remember("a", "2", "new")
    assert memory.recall("a", "1") is None
    assert memory.recall("a", "2") == "new"


def test_memory_forgets_what_was_not_used_for_longest() -> None:
    memory: StampedMemory[str] = StampedMemory(lambda: 2)
    for name in ("a", "b"):
        memory.remember(name, "1", name)
    memory.recall("a", "1")
    memory.remember("c", "1", "c")
    assert [memory.recall(name, "1") for name in ("a", "b", "c")] == ["a", None, "c"]
