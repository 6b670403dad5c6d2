"""An event that Redis refuses for its own fault holds nobody up for ever."""

from collections.abc import Callable
from typing import Any

import pytest
import redis
from django.test import Client

from config.redis import client
from events.models import OutboxEvent
from events.services.relay import relay_batch
from events.tests.factories import OutboxEventFactory, new_thing
from events.tests.processes import Valkey
from events.tests.staff import browser_of
from events.tests.streams import stream

pytestmark = pytest.mark.django_db


@pytest.fixture
def refusing(
    valkey: Valkey, monkeypatch: pytest.MonkeyPatch, environment: Any
) -> Callable[[], None]:
    """Three tries are enough, and Redis refuses entries with "POISON" until the function is called."""
    environment(relay_attempts=3)
    real = redis.client.Pipeline.xadd

    def xadd(self: Any, name: Any, fields: Any, *args: Any, **kwargs: Any) -> Any:
        if b"POISON" in fields.get("event", b""):
            return self.execute_command("XADD", name)
        return real(self, name, fields, *args, **kwargs)

    monkeypatch.setattr(redis.client.Pipeline, "xadd", xadd)
    return lambda: monkeypatch.setattr(redis.client.Pipeline, "xadd", real)


def arrived(reader: "redis.Redis") -> set[str]:
    return {envelope["id"] for envelope in stream(reader)}


def test_it_stops_its_own_aggregate_alone_and_only_for_a_while(
    refusing: Callable[[], None], reader: "redis.Redis"
) -> None:
    thing = new_thing()
    poison = OutboxEventFactory.create(aggregate_id=thing, sequence=1, data={"x": "POISON"})
    behind = OutboxEventFactory.create(aggregate_id=thing, sequence=2)
    other = OutboxEventFactory.create(sequence=3)

    batch = relay_batch(client=client(), limit=10)
    assert (batch.sent, batch.refused, batch.held_back, batch.error) == (1, 1, 1, "")
    assert arrived(reader) == {other.public_id}

    for _ in range(2):
        relay_batch(client=client(), limit=10)
    poison.refresh_from_db()
    assert poison.set_aside_at is not None
    assert poison.attempts == 3
    assert "ResponseError" in poison.error

    assert relay_batch(client=client(), limit=10).sent == 1
    assert arrived(reader) == {other.public_id, behind.public_id}


def test_when_redis_takes_nothing_at_all_nobody_is_blamed(
    refusing: Callable[[], None], reader: "redis.Redis"
) -> None:
    OutboxEventFactory.create(data={"x": "POISON"})
    reader.config_set("min-replicas-to-write", 1)
    try:
        for _ in range(5):
            batch = relay_batch(client=client(), limit=10)
            assert (batch.refused, batch.failed) == (0, 1)
    finally:
        reader.config_set("min-replicas-to-write", 0)
    assert not OutboxEvent.objects.set_aside().exists()


def test_staff_see_it_and_have_it_tried_again(
    refusing: Callable[[], None], reader: "redis.Redis"
) -> None:
    admin, support = browser_of("admin"), browser_of("support")
    OutboxEvent.objects.all().delete()
    poison = OutboxEventFactory.create(data={"x": "POISON"})
    for _ in range(3):
        relay_batch(client=client(), limit=10)
    assert _try_again(support, poison) != 200 or OutboxEvent.objects.set_aside().exists()

    refusing()
    assert poison.public_id in admin.get(f"{LIST}?state=set_aside").content.decode()
    assert _try_again(admin, poison) == 200
    relay_batch(client=client(), limit=10)

    assert arrived(reader) >= {poison.public_id}


LIST = "/console/events/outboxevent/"


def _try_again(browser: Client, row: OutboxEvent) -> int:
    form = {"action": "try_again", "_selected_action": [str(row.pk)]}
    return browser.post(LIST, form, follow=True).status_code
