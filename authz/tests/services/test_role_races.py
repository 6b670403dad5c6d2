"""Many at once give one person the same role: one grant is open, whoever was first."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from authz.models import RoleGrant
from authz.services.roles import close_expired, grant_role, roles_of
from authz.tests.factories import make_person, make_role

pytestmark = pytest.mark.django_db(transaction=True)

CROWD = 8


def at_once(*calls: Any) -> list[Any]:
    """Run every call in a thread of its own, all released together."""
    gate = threading.Barrier(len(calls))

    def run(call: Any) -> Any:
        gate.wait(20)
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_one_grant_is_open_after_a_crowd_has_granted() -> None:
    person = make_person()
    make_role(name="reader")

    def grant(number: int) -> Any:
        return grant_role(user=person, role="reader", granted_by=None, reason=f"caller {number}")

    at_once(*(lambda number=number: grant(number) for number in range(CROWD)))
    rows = RoleGrant.objects.of(person.pk)
    assert rows.open().count() == 1
    assert rows.filter(end="replaced").count() == CROWD - 1


def test_expiry_is_told_once_however_many_write_it_down() -> None:
    make_role(name="reader")
    soon = timezone.now() + timedelta(hours=1)
    people = [make_person() for _ in range(6)]
    for person in people:
        grant_role(user=person, role="reader", granted_by=None, reason="a test", expires_at=soon)
    with time_machine.travel(soon + timedelta(seconds=1)):
        assert sum(at_once(*[close_expired] * 4)) == len(people)
        assert roles_of(people[0].pk) == frozenset()
