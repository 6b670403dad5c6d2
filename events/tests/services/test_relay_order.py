"""Several relays, and still every aggregate in order."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import pytest
import redis
from django.db import transaction

from config.redis import client
from events.models import OutboxEvent
from events.services.relay import Batch, relay_batch
from events.tests.factories import happen, new_thing
from events.tests.streams import assert_all_arrived_in_order, stream
from events.tests.threads import threads

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def another_relay_holds(count: int) -> Iterator[None]:
    """The `count` oldest pending rows are in the hands of another relay during the block."""
    held, release = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            assert len(OutboxEvent.objects.claim(count)) == count
            held.set()
            assert release.wait(30)

    with threads(1) as others:
        holding = others.run(hold)
        assert held.wait(30)
        try:
            yield
        finally:
            release.set()
        holding.result()


def test_what_follows_an_event_in_another_relays_hands_waits(reader: "redis.Redis") -> None:
    busy, free = new_thing(), new_thing()
    happen(busy, times=3)
    happen(free, times=2)
    with another_relay_holds(1):
        assert relay_batch(client=client(), limit=10) == Batch(sent=2, held_back=2)
        assert {event["subject"] for event in stream(reader)} == {free}
    assert relay_batch(client=client(), limit=10) == Batch(sent=3)
    assert_all_arrived_in_order(reader)


def test_with_everything_in_another_relays_hands_there_is_nothing_to_do(valkey: object) -> None:
    happen(new_thing(), times=3)
    with another_relay_holds(3):
        assert relay_batch(client=client(), limit=10) == Batch()


def test_when_all_that_is_left_must_wait_the_batch_says_so(valkey: object) -> None:
    happen(new_thing(), times=3)
    with another_relay_holds(1):
        assert relay_batch(client=client(), limit=10) == Batch(held_back=2)


def test_relays_that_race_send_each_event_once_and_in_order(reader: "redis.Redis") -> None:
    things = [new_thing() for _ in range(5)]
    total = 300

    def write() -> None:
        for number in range(total // 2):
            happen(things[number % len(things)])

    def relay() -> None:
        while OutboxEvent.objects.sent().count() < total:
            relay_batch(client=client(), limit=7)

    with threads(5) as others:
        work = [others.run(write), others.run(write), *(others.run(relay) for _ in range(3))]
        for result in work:
            result.result()
    events = stream(reader)
    assert len(events) == total
    for thing in things:
        sequences = [event["sequence"] for event in events if event["subject"] == thing]
        assert sequences == sorted(sequences)
    assert_all_arrived_in_order(reader)
