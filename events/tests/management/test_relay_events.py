"""`manage.py relay_events` as an operator sees it, in processes that are stopped, killed and cut off."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from threading import Event

import pytest
import redis
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from events.models import OutboxEvent
from events.services.relay import STREAM
from events.tests.factories import happen, new_thing
from events.tests.processes import Valkey, relays
from events.tests.streams import assert_all_arrived_in_order, first_arrivals, stream
from events.tests.threads import threads
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def all_sent() -> bool:
    return not OutboxEvent.objects.pending().exists()


@contextmanager
def nothing_can_be_marked_sent() -> Iterator[None]:
    """Relays claim rows and send them, and then stand still: they are in mid-batch until the block ends."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE events_outboxevent IN SHARE MODE")
        yield


def kill_relays_at_work(valkey: Valkey, reader: "redis.Redis") -> None:
    before = reader.xlen(STREAM)
    with relays(valkey, 2, "--batch=5") as doomed:
        wait_until(lambda: reader.xlen(STREAM) > before, "the relays are at work")
        for relay in doomed:
            relay.kill()


def test_once_sends_what_is_pending_and_ends(reader: "redis.Redis") -> None:
    happen(new_thing(), times=25)
    output = StringIO()
    call_command("relay_events", "--once", "--batch=10", stdout=output)
    assert output.getvalue() == "Relayed 25 events.\n"
    assert_all_arrived_in_order(reader)


def test_once_without_redis_fails_and_says_why(valkey: Valkey) -> None:
    happen(new_thing())
    valkey.stop()
    try:
        with pytest.raises(CommandError, match="Relayed 0 events, then stopped: ConnectionError"):
            call_command("relay_events", "--once")
    finally:
        valkey.start()
    assert OutboxEvent.objects.pending().count() == 1


def test_a_batch_of_nothing_is_refused(valkey: Valkey) -> None:
    with pytest.raises(CommandError, match="--batch"):
        call_command("relay_events", "--batch=0")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_finishes_the_batch_in_hand(
    how: signal.Signals, reader: "redis.Redis", valkey: Valkey
) -> None:
    happen(new_thing(), times=5)
    with relays(valkey, 1, "--batch=3") as [relay]:
        with nothing_can_be_marked_sent():
            wait_until(lambda: reader.xlen(STREAM) == 3, "the first batch is on the stream")
            relay.ask_to_stop(how)
        code, output = relay.wait()
    assert code == 0
    assert "Relayed 3 events." in output
    assert OutboxEvent.objects.sent().count() == 3
    assert reader.xlen(STREAM) == 3


def test_asked_to_stop_while_idle_it_ends(valkey: Valkey) -> None:
    with relays(valkey, 1, relay_poll_interval="60") as [relay]:
        happen(new_thing())
        wait_until(all_sent, "it has started")
        relay.ask_to_stop()
        assert relay.wait()[0] == 0


def test_a_commit_is_relayed_at_once_although_the_relay_hardly_looks(
    valkey: Valkey, reader: "redis.Redis"
) -> None:
    thing = new_thing()
    with relays(valkey, 1, relay_poll_interval="60"):
        for count in range(1, 4):
            happen(thing)
            wait_until(lambda count=count: reader.xlen(STREAM) == count, "it is on the stream")  # type: ignore[misc]


def test_killed_between_sending_and_marking_it_sends_again_under_the_same_ids(
    valkey: Valkey, reader: "redis.Redis"
) -> None:
    thing = new_thing()
    happen(thing, times=6)
    with nothing_can_be_marked_sent(), relays(valkey, 1, "--batch=4") as [relay]:
        wait_until(lambda: reader.xlen(STREAM) == 4, "the first batch is on the stream")
        relay.kill()
    wait_until(lambda: OutboxEvent.objects.claim(10).count() == 6, "its locks are gone")
    call_command("relay_events", "--once", stdout=StringIO())
    ids = [event["id"] for event in stream(reader)]
    assert ids == [*ids[:4], *ids[:4], *ids[8:]]
    assert len(set(ids)) == 6
    assert_all_arrived_in_order(reader)


def test_killed_again_and_again_while_others_write_nothing_is_lost_and_all_is_in_order(
    valkey: Valkey, reader: "redis.Redis"
) -> None:
    things = [new_thing() for _ in range(8)]
    writers, kills = 2, 4
    enough = Event()

    def write() -> int:
        number = 0
        while not enough.wait(0.005):
            happen(things[number % len(things)])
            number += 1
        return number

    with threads(writers) as others:
        writing = [others.run(write) for _ in range(writers)]
        try:
            for _ in range(kills):
                kill_relays_at_work(valkey, reader)
        finally:
            enough.set()
        written = sum(result.result() for result in writing)
    with relays(valkey, 2, "--batch=5"):
        wait_until(all_sent, "the rest is sent")
    assert OutboxEvent.objects.count() == written
    assert_all_arrived_in_order(reader)


def test_valkey_goes_away_and_comes_back_while_others_write(
    valkey: Valkey, reader: "redis.Redis"
) -> None:
    things = [new_thing() for _ in range(4)]
    with relays(valkey, 2, relay_longest_pause="0.5"):
        happen(things[0])
        wait_until(all_sent, "the relays are at work")
        valkey.stop()
        try:
            for number in range(100):
                happen(things[number % len(things)])
            wait_until(
                lambda: OutboxEvent.objects.filter(attempts__gte=3).exists(), "they have tried"
            )
            assert OutboxEvent.objects.pending().count() == 100
        finally:
            valkey.start()
        wait_until(all_sent, "the backlog is sent")
    assert_all_arrived_in_order(reader)


def test_two_relays_side_by_side_keep_every_aggregate_in_order(
    valkey: Valkey, reader: "redis.Redis"
) -> None:
    things = [new_thing() for _ in range(3)]
    with relays(valkey, 2, "--batch=4"), threads(3) as others:
        for result in [others.run(lambda t=t: happen(t, times=60)) for t in things]:  # type: ignore[misc]
            result.result()
        wait_until(all_sent, "all is sent")
    events = stream(reader)
    assert len(events) == 180
    for seen in first_arrivals(events).values():
        assert [event["data"]["number"] for event in seen] == list(range(60))
