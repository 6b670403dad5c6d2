"""Who may give and take roles, and what counts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from authz.errors import (
    PersonNotFoundError,
    RoleExceedsGrantorError,
    RoleNotFoundError,
    SelfGrantError,
)
from authz.events import RoleEvent
from authz.models import RoleGrant
from authz.services import decisions, roles
from authz.services.roles import close_expired, grant_role, revoke_role, roles_of, scopes_of
from authz.tests.factories import make_person, make_role, write_policy
from config.http.principal import Principal
from config.http.problems import InvalidRequestError
from events.signals import domain_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def events() -> Any:
    """What this test's calls told of roles, as (audit type, user, role)."""
    heard: list[tuple[str, str, str]] = []

    def hear(*, event: Any, **_: Any) -> None:
        if isinstance(event, RoleEvent):
            heard.append((event.audit_type, event.user_id, event.role))

    domain_event.connect(hear)
    yield heard
    domain_event.disconnect(hear)


def staff(*scopes: str, person: Any = None) -> Principal:
    return Principal(
        type="user", id=person.public_id if person else "usr_staff", scopes=frozenset(scopes)
    )


def grant(person: Any, role: str = "reader", **changes: Any) -> RoleGrant:
    return grant_role(
        **({"user": person, "role": role, "granted_by": None, "reason": "a test"} | changes)
    )


def revoke(person: Any, role: str = "reader", **changes: Any) -> RoleGrant:
    return revoke_role(
        **({"user": person, "role": role, "revoked_by": None, "reason": "a test"} | changes)
    )


def in_an_hour() -> datetime:
    return timezone.now() + timedelta(hours=1)


def test_a_grant_gives_the_role_and_its_scopes(events: Any) -> None:
    person = make_person()
    make_role(name="reader", scopes=["a:read", "b:read"])
    make_role(name="writer", scopes=["b:read", "b:write"])
    grant(person, "reader")
    grant(person, "writer")
    assert roles_of(person.pk) == {"reader", "writer"}
    assert scopes_of(person.pk) == {"a:read", "b:read", "b:write"}
    assert events == [
        ("authz.role.granted", person.public_id, "reader"),
        ("authz.role.granted", person.public_id, "writer"),
    ]


def test_somebody_without_roles_has_nothing() -> None:
    person = make_person()
    assert roles_of(person.pk) == frozenset()
    assert scopes_of(person.pk) == frozenset()


def test_a_grant_says_by_whom_and_why() -> None:
    person = make_person()
    make_role(name="reader")
    given = grant(person, granted_by=staff("roles:write"), reason="  ticket 7  ")
    assert (given.granted_by, given.reason) == ("user:usr_staff", "ticket 7")
    assert grant(make_person()).granted_by == "system"


def test_revoking_takes_it_away(events: Any) -> None:
    person = make_person()
    make_role(name="reader")
    grant(person)
    ended = revoke(person, revoked_by=staff("roles:write"))
    assert roles_of(person.pk) == frozenset()
    assert (ended.end, ended.ended_by, ended.end_reason) == ("revoked", "user:usr_staff", "a test")
    assert events[-1] == ("authz.role.revoked", person.public_id, "reader")


def test_what_is_not_held_cannot_be_revoked() -> None:
    person = make_person()
    make_role(name="reader")
    with pytest.raises(RoleNotFoundError):
        revoke(person)
    with pytest.raises(RoleNotFoundError):
        revoke(person, "no-such-role")


def test_a_role_that_is_not_there_cannot_be_granted() -> None:
    with pytest.raises(RoleNotFoundError):
        grant(make_person(), "no-such-role")


def test_nor_can_one_to_nobody() -> None:
    make_role(name="reader")
    gone = make_person()
    type(gone).objects.filter(pk=gone.pk).delete()
    with pytest.raises(PersonNotFoundError):
        grant(gone)


@pytest.mark.parametrize("reason", ["", "   ", "a" * 501])
def test_a_reason_must_be_given(reason: str) -> None:
    person = make_person()
    make_role(name="reader")
    with pytest.raises(InvalidRequestError):
        grant(person, reason=reason)
    grant(person)
    with pytest.raises(InvalidRequestError):
        revoke(person, reason=reason)


def test_a_grant_cannot_have_run_out_already() -> None:
    make_role(name="reader")
    with pytest.raises(InvalidRequestError) as caught:
        grant(make_person(), expires_at=timezone.now())
    assert [error.field for error in caught.value.errors] == ["expires_at"]


def test_nobody_grants_to_themself() -> None:
    person = make_person()
    make_role(name="reader")
    with pytest.raises(SelfGrantError):
        grant(person, granted_by=staff("roles:write", person=person))
    assert roles_of(person.pk) == frozenset()


def test_nobody_grants_or_takes_what_is_above_them() -> None:
    person = make_person()
    make_role(name="boss", scopes=["roles:write", "keys:write"])
    with pytest.raises(RoleExceedsGrantorError) as caught:
        grant(person, "boss", granted_by=staff("roles:write"))
    assert "keys:write" in caught.value.detail
    grant(person, "boss", granted_by=staff("roles:write", "keys:write"))
    with pytest.raises(RoleExceedsGrantorError):
        revoke(person, "boss", revoked_by=staff("roles:write"))
    assert roles_of(person.pk) == {"boss"}


def test_the_very_same_grant_again_changes_nothing(events: Any) -> None:
    person = make_person()
    make_role(name="reader")
    assert grant(person).pk == grant(person).pk
    assert len(events) == 1


def test_another_grant_of_the_same_role_replaces_the_first() -> None:
    person = make_person()
    make_role(name="reader")
    first, second = grant(person), grant(person, expires_at=in_an_hour())
    first.refresh_from_db()
    assert (first.end, second.end) == ("replaced", "")
    assert roles_of(person.pk) == {"reader"}


def test_a_grant_that_has_run_out_counts_for_nothing(events: Any) -> None:
    person = make_person()
    make_role(name="reader", scopes=["a:read"])
    grant(person, expires_at=in_an_hour())
    with time_machine.travel(in_an_hour() + timedelta(seconds=1)):
        assert roles_of(person.pk) == frozenset()
        assert scopes_of(person.pk) == frozenset()
        with pytest.raises(RoleNotFoundError):
            revoke(person)


def test_a_grant_that_has_run_out_makes_way_for_another(events: Any) -> None:
    person = make_person()
    make_role(name="reader")
    first = grant(person, expires_at=in_an_hour())
    with time_machine.travel(in_an_hour() + timedelta(seconds=1)):
        grant(person)
        assert roles_of(person.pk) == {"reader"}
    first.refresh_from_db()
    assert (first.end, first.ended_at) == ("expired", first.expires_at)
    assert [kind for kind, _, _ in events] == [
        "authz.role.granted",
        "authz.role.expired",
        "authz.role.granted",
    ]


def test_what_has_run_out_is_written_down_once(
    events: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roles, "EXPIRY_BATCH", 2)
    make_role(name="reader")
    people = [make_person() for _ in range(5)]
    for person in people[:4]:
        grant(person, expires_at=in_an_hour())
    grant(people[4])
    assert close_expired() == 0
    with time_machine.travel(in_an_hour() + timedelta(seconds=1)):
        assert close_expired() == 4
        assert close_expired() == 0
        assert roles_of(people[4].pk) == {"reader"}
    expired = {user for kind, user, _ in events if kind == "authz.role.expired"}
    assert expired == {person.public_id for person in people[:4]}


def test_a_decision_honours_the_end_to_the_microsecond() -> None:
    person = make_person()
    make_role(name="reader")
    write_policy(subjects=["role:reader"])
    end = datetime(2030, 1, 1, 12, tzinfo=UTC)
    grant(person, expires_at=end)

    def allowed() -> bool:
        return decisions.check(
            subject=f"user:{person.public_id}", action="a", resource="document:1"
        ).allowed

    with time_machine.travel(end - timedelta(microseconds=1), tick=False):
        assert allowed()
    with time_machine.travel(end, tick=False):
        assert not allowed()


def test_the_database_itself_keeps_a_second_open_grant_out() -> None:
    person, role = make_person(), make_role()
    row = {"user": person, "role": role, "granted_by": "system", "reason": "a test"}
    RoleGrant.objects.create(**row, granted_at=timezone.now())
    with pytest.raises(IntegrityError, match="rolegrant_one_open"), transaction.atomic():
        RoleGrant.objects.create(**row, granted_at=timezone.now())


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}, "rolegrant_expires_after_grant"),
        ({"ended_at": datetime(2040, 1, 1, tzinfo=UTC)}, "rolegrant_end_is_whole"),
        ({"end": "revoked"}, "rolegrant_end_is_whole"),
        ({"ended_at": datetime(2040, 1, 1, tzinfo=UTC), "end": "odd"}, "rolegrant_end_is_whole"),
        (
            {"ended_at": datetime(2020, 1, 1, tzinfo=UTC), "end": "revoked"},
            "rolegrant_end_is_whole",
        ),
    ],
)
def test_and_rows_that_contradict_themselves(changes: dict[str, Any], constraint: str) -> None:
    row = {
        "user": make_person(),
        "role": make_role(),
        "granted_by": "system",
        "reason": "a test",
        "granted_at": datetime(2030, 1, 1, tzinfo=UTC),
    }
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        RoleGrant.objects.create(**(row | changes))
