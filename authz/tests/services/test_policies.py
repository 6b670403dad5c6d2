"""Policies are written as versions, and only when they compile."""

from typing import Any

import pytest
from django.db import IntegrityError, InternalError, transaction

from authz.errors import (
    InvalidPolicyError,
    PolicyNameTakenError,
    PolicyNotFoundError,
    PolicySetBrokenError,
)
from authz.events import PolicyEvent
from authz.models import Policy, PolicyVersion
from authz.services import decisions, policies
from authz.tests.factories import make_person, write_policy
from config.http.problems import InvalidRequestError, PreconditionFailedError
from config.ids import new_uuid
from events.signals import domain_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def events() -> Any:
    heard: list[tuple[str, str, int]] = []

    def hear(*, event: Any, **_: Any) -> None:
        if isinstance(event, PolicyEvent):
            heard.append((event.audit_type, event.policy, event.policy_version))

    domain_event.connect(hear)
    yield heard
    domain_event.disconnect(hear)


def changed(policy: Policy, **changes: Any) -> dict[str, Any]:
    return {**policy.current.document, **changes}


def update(policy: Policy, **changes: Any) -> Policy:
    return policies.update(
        policy_id=policy.pk, document=changed(policy, **changes), by="user:usr_1", reason="a test"
    )


def allowed() -> bool:
    return decisions.check(
        subject=f"user:{make_person().public_id}", action="a", resource="document:1"
    ).allowed


def test_a_new_policy_is_version_one_and_in_force(events: Any) -> None:
    policy = write_policy("open")
    assert (policy.name, policy.current.number, policy.current.created_by) == ("open", 1, "system")
    assert allowed()
    assert events == [("authz.policy.created", "open", 1)]


def test_a_change_is_another_version(events: Any) -> None:
    policy = write_policy("open")
    after = update(policy, effect="deny")
    assert after.current.number == 2
    assert not allowed()
    kept = list(policy.versions.order_by("number").values_list("document__effect", flat=True))
    assert kept == ["allow", "deny"]
    assert events[-1] == ("authz.policy.updated", "open", 2)


def test_a_policy_may_change_its_name() -> None:
    policy = update(write_policy("open"), name="shut")
    assert Policy.objects.get(pk=policy.pk).name == "shut"
    write_policy("open")


def test_rolling_back_is_a_new_version_with_the_old_document(events: Any) -> None:
    policy = update(write_policy("open"), effect="deny", name="shut")
    after = policies.rollback(policy_id=policy.pk, to=1, by="user:usr_1", reason="a test")
    assert (after.current.number, after.name) == (3, "open")
    assert after.current.document["effect"] == "allow"
    assert allowed()
    assert events[-1] == ("authz.policy.rolled_back", "open", 3)


def test_there_is_no_rolling_back_to_what_never_was() -> None:
    with pytest.raises(PolicyNotFoundError):
        policies.rollback(policy_id=write_policy().pk, to=2, by="system", reason="a test")


def test_a_deleted_policy_decides_nothing_and_keeps_its_versions(events: Any) -> None:
    policy = write_policy("open")
    policies.delete(policy_id=policy.pk, by="system", reason="a test")
    assert not allowed()
    assert policy.versions.count() == 1
    assert events[-1] == ("authz.policy.deleted", "open", 1)
    with pytest.raises(PolicyNotFoundError):
        policies.delete(policy_id=policy.pk, by="system", reason="a test")
    with pytest.raises(PolicyNotFoundError):
        update(policy)
    write_policy("open")


def test_what_does_not_compile_is_never_stored() -> None:
    with pytest.raises(InvalidPolicyError) as caught:
        write_policy("open", condition={"attr": "resource.a", "like": "x"})
    assert [error.field for error in caught.value.errors] == ["document.condition.like"]
    with pytest.raises(InvalidPolicyError) as caught:
        policies.create(document=[], by="system", reason="a test")
    assert [error.field for error in caught.value.errors] == ["document"]
    policy = write_policy("open")
    with pytest.raises(InvalidPolicyError):
        update(policy, effect="maybe")
    assert PolicyVersion.objects.count() == 1


def test_names_are_unique_among_living_policies() -> None:
    write_policy("open")
    with pytest.raises(PolicyNameTakenError):
        write_policy("open")
    other = write_policy("other")
    with pytest.raises(PolicyNameTakenError):
        update(other, name="open")


def test_a_reason_must_be_given() -> None:
    policy = write_policy()
    for write in (
        lambda: policies.create(
            document={**policy.current.document, "name": "b"}, by="system", reason=" "
        ),
        lambda: policies.update(
            policy_id=policy.pk, document=policy.current.document, by="system", reason=""
        ),
        lambda: policies.rollback(policy_id=policy.pk, to=1, by="system", reason=""),
        lambda: policies.delete(policy_id=policy.pk, by="system", reason=""),
    ):
        with pytest.raises(InvalidRequestError):
            write()


def test_a_precondition_that_fails_stops_the_change() -> None:
    policy = write_policy()

    def refuse(_: Policy) -> None:
        raise PreconditionFailedError

    for write in (
        lambda: policies.update(
            policy_id=policy.pk,
            document=policy.current.document,
            by="system",
            reason="a test",
            precondition=refuse,
        ),
        lambda: policies.rollback(
            policy_id=policy.pk, to=1, by="system", reason="a test", precondition=refuse
        ),
        lambda: policies.delete(
            policy_id=policy.pk, by="system", reason="a test", precondition=refuse
        ),
    ):
        with pytest.raises(PreconditionFailedError):
            write()
    assert Policy.objects.live().get(pk=policy.pk).current.number == 1


@pytest.mark.parametrize(
    "statement", ["UPDATE authz_policyversion SET reason = 'x'", "DELETE FROM authz_policyversion"]
)
def test_the_database_itself_keeps_versions_as_they_are(statement: str) -> None:
    from django.db import connection

    write_policy()
    with (
        pytest.raises((InternalError, IntegrityError), match="final"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_a_stored_policy_that_no_longer_compiles_stops_all_decisions() -> None:
    """Skipping it could let through what it denies."""
    policy = write_policy()
    broken = PolicyVersion.objects.create(
        policy=policy, number=2, document={"name": "x"}, created_by="system", reason="a test"
    )
    Policy.objects.filter(pk=policy.pk).update(current=broken)
    with pytest.raises(PolicySetBrokenError):
        allowed()


def test_an_error_that_is_not_about_the_name_is_not_hidden() -> None:
    policy = write_policy()
    PolicyVersion.objects.create(
        id=new_uuid(),
        policy=policy,
        number=2,
        document=policy.current.document,
        created_by="system",
        reason="a test",
    )

    def collide(row: Policy) -> None:
        PolicyVersion.objects.create(
            policy=row, number=2, document={}, created_by="system", reason="a test"
        )

    with pytest.raises(IntegrityError, match="policyversion_number_unique"):
        policies.update(
            policy_id=policy.pk,
            document=policy.current.document,
            by="system",
            reason="a test",
            precondition=collide,
        )
