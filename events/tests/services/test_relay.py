"""From the outbox to the stream and to Pub/Sub."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import redis
from prometheus_client import REGISTRY

from config.redis import client
from events.models import OutboxEvent
from events.services.relay import STREAM, Batch, relay_batch
from events.tests.factories import OutboxEventFactory, ThingHappened, happen, new_thing
from events.tests.processes import Valkey
from events.tests.streams import assert_all_arrived_in_order, stream
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_event_reaches_the_stream_and_is_marked_sent(reader: "redis.Redis") -> None:
    happen(new_thing())
    assert relay_batch(client=client(), limit=10) == Batch(sent=1)
    row = OutboxEvent.objects.get()
    assert row.sent_at is not None
    assert row.attempts == 1
    entries: Any = reader.xrange(STREAM)
    [(_, entry)] = entries
    assert entry[b"type"] == b"test_events.thing.happened.v1"
    assert json.loads(entry[b"event"])["id"] == row.public_id


def test_whoever_listens_on_pub_sub_hears_the_same_envelope(reader: "redis.Redis") -> None:
    with reader.pubsub(ignore_subscribe_messages=True) as ears:
        ears.psubscribe("user_service.test_events.*")
        ears.get_message(timeout=60)
        happen(new_thing())
        relay_batch(client=client(), limit=10)
        heard = ears.get_message(timeout=60)
    assert heard is not None
    assert heard["channel"] == b"user_service.test_events.thing"
    assert [json.loads(heard["data"])] == stream(reader)


def test_a_batch_is_no_larger_than_asked_and_takes_the_oldest(reader: "redis.Redis") -> None:
    thing = new_thing()
    happen(thing, times=5)
    assert relay_batch(client=client(), limit=3).sent == 3
    assert [event["data"]["number"] for event in stream(reader)] == [0, 1, 2]
    assert relay_batch(client=client(), limit=3).sent == 2
    assert_all_arrived_in_order(reader)


def test_with_nothing_to_send_nothing_is_sent(reader: "redis.Redis") -> None:
    assert relay_batch(client=client(), limit=10) == Batch()
    assert reader.xlen(STREAM) == 0


def test_what_the_stream_is_too_old_to_keep_is_trimmed(
    reader: "redis.Redis",
    environment: Callable[..., None],
) -> None:
    environment(stream_retention=3600)
    reader.config_set("stream-node-max-entries", 10)
    an_hour_ago = int(time.time() - 3601) * 1000
    for number in range(20):
        reader.xadd(STREAM, {"event": "{}"}, id=f"{an_hour_ago}-{number + 1}")
    happen(new_thing())
    relay_batch(client=client(), limit=10)
    assert reader.xlen(STREAM) == 1


def test_without_redis_events_stay_and_say_why(valkey: Valkey) -> None:
    happen(new_thing(), times=2)
    valkey.stop()
    try:
        batch = relay_batch(client=client(), limit=10)
    finally:
        valkey.start()
    assert (batch.sent, batch.failed) == (0, 2)
    assert batch.error.startswith("ConnectionError")
    for row in OutboxEvent.objects.pending():
        assert row.attempts == 1
        assert row.error == batch.error[:300]
    assert relay_batch(client=client(), limit=10).sent == 2
    assert set(OutboxEvent.objects.values_list("attempts", "error")) == {(2, "")}


def test_a_redis_that_runs_out_of_memory_takes_nothing_rather_than_some(
    reader: "redis.Redis",
) -> None:
    """Otherwise the first of an aggregate could be refused and the second taken."""
    thing = new_thing()
    for sequence in range(1, 11):
        OutboxEventFactory.create(aggregate_id=thing, sequence=sequence, data={"x": "x" * 200_000})
    reader.config_set("maxmemory", reader.info("memory")["used_memory"] + 1_000_000)
    try:
        batch = relay_batch(client=client(), limit=10)
    finally:
        reader.config_set("maxmemory", 0)
    assert (batch.sent, batch.failed) == (0, 10)
    assert reader.xlen(STREAM) == 0
    relay_batch(client=client(), limit=10)
    assert_all_arrived_in_order(reader)


def test_a_key_that_is_no_stream_is_an_error_like_any_other(
    valkey: Valkey, reader: "redis.Redis"
) -> None:
    reader.set(STREAM, "not a stream")
    happen(new_thing())
    assert "WRONGTYPE" in relay_batch(client=client(), limit=10).error
    assert "WRONGTYPE" in OutboxEvent.objects.get().error


def test_sent_and_failed_events_are_counted_by_type(valkey: Valkey) -> None:
    def counted(outcome: str) -> float:
        labels = {"type": ThingHappened.full_type(), "outcome": outcome}
        return REGISTRY.get_sample_value("gatehouse_events_relayed_total", labels) or 0

    def batches() -> float:
        return (
            REGISTRY.get_sample_value("gatehouse_relay_duration_seconds_count", {"outcome": "sent"})
            or 0
        )

    sent, failed, timed = counted("sent"), counted("failed"), batches()
    happen(new_thing(), times=2)
    valkey.stop()
    try:
        relay_batch(client=client(), limit=10)
    finally:
        valkey.start()
    relay_batch(client=client(), limit=10)
    assert (counted("sent") - sent, counted("failed") - failed) == (2, 2)
    assert batches() - timed == 1


def test_a_row_sent_long_ago_is_not_sent_again(reader: "redis.Redis") -> None:
    happen(new_thing())
    relay_batch(client=client(), limit=10)
    OutboxEventFactory.create(sent_at=OutboxEvent.objects.get().sent_at)
    assert relay_batch(client=client(), limit=10) == Batch()
    wait_until(lambda: reader.xlen(STREAM) == 1, "one entry")
