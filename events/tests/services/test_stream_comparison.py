"""What Redis had taken and has forgotten goes out again, before what came later."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.db import connection, transaction
from django.utils import timezone

from config.redis import client
from events.models import OutboxEvent
from events.models.outbox import EMPTIED
from events.services import publishing
from events.services.relay import STREAM, relay_batch
from events.services.relay_process import Relay
from events.services.stop import Stop
from events.services.stream_comparison import StreamComparison
from events.tests.factories import happen, new_thing
from events.tests.processes import Valkey
from events.tests.streams import assert_all_arrived_in_order, stream
from events.tests.threads import threads
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


class Relays:
    """Relays, each as it is when its process starts."""

    def __init__(self, stop: Stop) -> None:
        self._stop = stop

    def new(self) -> Relay:
        return Relay(client=client(), batch_size=10, stop=self._stop)


@pytest.fixture
def relays(valkey: Valkey) -> Iterator[Relays]:
    with closing(Stop()) as stop:
        yield Relays(stop)


def forget(reader: "redis.Redis", newest: int) -> None:
    entries: Any = reader.xrevrange(STREAM, count=newest)
    reader.xdel(STREAM, *[entry for entry, _ in entries])


def restart(valkey: Valkey) -> None:
    valkey.stop()
    valkey.start()


def waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return cursor.fetchone() is not None


def test_after_a_restart_what_was_forgotten_goes_out_again_before_what_came_later(
    relays: Relays, valkey: Valkey, reader: "redis.Redis"
) -> None:
    relay, thing = relays.new(), new_thing()
    happen(thing, times=5)
    relay.drain()
    forget(reader, 2)
    restart(valkey)
    happen(thing)

    assert relay.drain().sent == 3

    assert len(stream(reader)) == 6
    assert_all_arrived_in_order(reader)


def test_a_server_that_forgot_everything_gets_everything(
    relays: Relays, valkey: Valkey, reader: "redis.Redis"
) -> None:
    relay = relays.new()
    happen(new_thing(), times=25)
    relay.drain()
    reader.flushall()
    restart(valkey)

    assert relay.drain().sent == 25

    assert_all_arrived_in_order(reader)


def test_a_relay_that_starts_compares_although_it_missed_the_restart(
    relays: Relays, valkey: Valkey, reader: "redis.Redis"
) -> None:
    happen(new_thing(), times=3)
    relays.new().drain()
    forget(reader, 1)

    assert relays.new().drain().sent == 1

    assert_all_arrived_in_order(reader)


def test_what_is_there_does_not_go_out_again(
    relays: Relays, valkey: Valkey, reader: "redis.Redis"
) -> None:
    relay = relays.new()
    happen(new_thing(), times=25)
    relay.drain()
    restart(valkey)

    assert relay.drain().sent == 0
    assert relays.new().drain().sent == 0

    assert reader.xlen(STREAM) == 25


def test_it_looks_further_back_until_a_stretch_is_whole(
    relays: Relays, valkey: Valkey, reader: "redis.Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("events.services.stream_comparison.PAGE", 3)
    happen(new_thing(), times=20)
    relays.new().drain()
    forget(reader, 10)

    assert relays.new().drain().sent == 10

    assert_all_arrived_in_order(reader)


def test_it_does_not_read_all_of_a_long_stream(
    relays: Relays, valkey: Valkey, reader: "redis.Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("events.services.stream_comparison.PAGE", 3)
    happen(new_thing(), times=20)
    relays.new().drain()
    oldest = OutboxEvent.objects.in_order().values("pk")[:9]
    OutboxEvent.objects.filter(pk__in=oldest).update(sent_at=timezone.now() - timedelta(hours=1))
    reader.xtrim(STREAM, maxlen=19, approximate=False)

    assert relays.new().drain().sent == 0


def test_events_of_who_was_erased_stay_away(
    relays: Relays, valkey: Valkey, reader: "redis.Redis"
) -> None:
    happen(new_thing(), times=2)
    relays.new().drain()
    OutboxEvent.objects.update(data=EMPTIED)
    reader.flushall()

    assert relays.new().drain().sent == 0


def test_what_the_stream_is_not_to_keep_any_more_stays_away(
    relays: Relays, valkey: Valkey, reader: "redis.Redis", environment: Callable[..., None]
) -> None:
    environment(stream_retention=3600)
    happen(new_thing())
    relays.new().drain()
    OutboxEvent.objects.update(sent_at=timezone.now() - timedelta(hours=2))
    reader.flushall()

    assert relays.new().drain().sent == 0


def test_a_batch_goes_to_no_server_that_was_not_compared(
    valkey: Valkey, reader: "redis.Redis"
) -> None:
    happen(new_thing())

    batch = relay_batch(client=client(), limit=10, server="the one before")

    assert (batch.sent, batch.failed) == (0, 1)
    assert batch.error.startswith("AnotherServerError")
    assert reader.xlen(STREAM) == 0


def test_a_batch_does_not_follow_a_connection_to_the_next_server(
    valkey: Valkey, reader: "redis.Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would, since the client connects anew by itself: in front of what the restart made Redis forget."""
    happen(new_thing())
    server, asked = publishing.server_of(client()), publishing._name_of

    def restarted_just_after(client: Any) -> str:
        answer = asked(client)
        restart(valkey)
        return answer

    monkeypatch.setattr(publishing, "_name_of", restarted_just_after)

    batch = relay_batch(client=client(), limit=10, server=server)

    assert (batch.sent, batch.failed) == (0, 1)
    assert reader.xlen(STREAM) == 0


def test_what_a_relay_has_sent_and_not_marked_is_waited_for(
    valkey: Valkey, reader: "redis.Redis"
) -> None:
    happen(new_thing())
    with threads(2) as others:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE events_outboxevent IN SHARE MODE")
            sending = others.run(lambda: relay_batch(client=client(), limit=10))
            wait_until(lambda: reader.xlen(STREAM) == 1, "it is sent")
            reader.flushall()
            comparing = others.run(lambda: StreamComparison(client()).server())
            wait_until(lambda: comparing.done() or waits_for_a_lock(), "the comparison is on")
        sending.result()
        comparing.result()

    assert OutboxEvent.objects.pending().count() == 1


def test_without_redis_nothing_is_taken_for_forgotten(relays: Relays, valkey: Valkey) -> None:
    happen(new_thing())
    relay = relays.new()
    relay.drain()
    valkey.stop()
    try:
        assert relays.new().drain().sent == 0
    finally:
        valkey.start()
    assert not OutboxEvent.objects.pending().exists()
