"""A relay's life, in this process."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import chain, repeat
from pathlib import Path
from unittest.mock import DEFAULT, patch
from urllib.parse import urlsplit

import pytest
import redis
from django.db import InternalError, connection

from config.redis import client
from config.telemetry import watched_process
from events.models import OutboxEvent
from events.services.relay import relay_batch
from events.services.relay_process import Relay
from events.services.stop import Stop
from events.tests.factories import happen, new_thing
from events.tests.processes import PATIENCE, Valkey
from events.tests.services.test_relay_order import another_relay_holds
from events.tests.streams import assert_all_arrived_in_order
from events.tests.threads import threads
from tests.forwarding import forwarded
from tests.pooler import pooled
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def relaying(batch_size: int = 10) -> Iterator[None]:
    """A relay at work in a thread."""
    with closing(Stop()) as stop, threads(1) as others:
        relay = Relay(client=client(), batch_size=batch_size, stop=stop)
        working = others.run(relay.run)
        try:
            yield
        finally:
            stop.wish()
        working.result()


def all_sent() -> bool:
    return not OutboxEvent.objects.pending().exists()


@contextmanager
def others_go_through_a_pooler(folder: Path) -> Iterator[None]:
    """Threads that begin in the block; this one stays connected as it is."""
    connection.ensure_connection()
    known = connection.settings_dict
    way = Path(known["HOST"]) / f".s.PGSQL.{known['PORT'] or 5432}"
    with (
        forwarded(way) as port,
        pooled(folder, port=port, name=known["NAME"], user=known["USER"]) as url,
    ):
        parts = urlsplit(url)
        changed = {
            "HOST": parts.hostname,
            "PORT": str(parts.port),
            "NAME": parts.path[1:],
            "USER": parts.username,
        }
        with patch.dict(known, changed):
            yield


def end_other_connections() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_it_sends_what_was_there_and_what_comes(reader: "redis.Redis") -> None:
    thing = new_thing()
    happen(thing, times=25)
    with relaying():
        wait_until(all_sent, "the backlog is sent")
        happen(thing, times=3)
        wait_until(all_sent, "the new events are sent")
    assert_all_arrived_in_order(reader)


def test_it_counts_what_it_sent(valkey: Valkey) -> None:
    happen(new_thing(), times=25)
    with closing(Stop()) as stop:
        done = Relay(client=client(), batch_size=10, stop=stop).drain()
    assert (done.sent, done.error) == (25, "")


def test_without_a_wake_up_it_looks_by_itself(
    valkey: Valkey, reader: "redis.Redis", environment: Callable[..., None]
) -> None:
    environment(relay_poll_interval=0.05)
    with relaying():
        happen(new_thing())
        end_other_connections()
        wait_until(all_sent, "the event is sent")
    assert_all_arrived_in_order(reader)


def test_it_outlives_the_loss_of_its_database_connection(
    valkey: Valkey, reader: "redis.Redis", environment: Callable[..., None]
) -> None:
    environment(relay_poll_interval=0.05, relay_longest_pause=0.1)
    thing = new_thing()
    with relaying():
        for _ in range(3):
            end_other_connections()
            happen(thing)
            wait_until(all_sent, "the event is sent")
    assert_all_arrived_in_order(reader)


@pytest.mark.skipif(
    not shutil.which("pgbouncer") or not connection.settings_dict["HOST"].startswith("/"),
    reason="there is no PgBouncer (Debian: pgbouncer), or no PostgreSQL on a socket",
)
def test_behind_a_pooler_it_outlives_the_loss_of_every_session(
    valkey: Valkey, reader: "redis.Redis", environment: Callable[..., None], tmp_path: Path
) -> None:
    environment(relay_poll_interval=0.05, relay_longest_pause=0.1)
    thing = new_thing()
    with others_go_through_a_pooler(tmp_path), relaying():
        for _ in range(5):
            end_other_connections()
            happen(thing)
            wait_until(all_sent, "the event is sent")
    assert_all_arrived_in_order(reader)


def test_the_last_words_of_a_session_beside_an_answer_are_its_loss(
    valkey: Valkey, reader: "redis.Redis", environment: Callable[..., None]
) -> None:
    """As psycopg tells it when a pooler lends a session that PostgreSQL is just ending."""
    environment(relay_longest_pause=0.1, relay_poll_interval=0.05)
    happen(new_thing())
    words = InternalError("received 2 results from command 'BEGIN'")
    with (
        patch(
            "events.services.relay_process.relay_batch",
            side_effect=chain([words], repeat(DEFAULT)),
            wraps=relay_batch,
        ),
        relaying(),
    ):
        wait_until(all_sent, "the event is sent")
    assert_all_arrived_in_order(reader)


def test_it_waits_for_redis_and_then_catches_up(
    valkey: Valkey, reader: "redis.Redis", environment: Callable[..., None]
) -> None:
    environment(relay_longest_pause=0.2)
    thing = new_thing()
    with relaying():
        valkey.stop()
        try:
            happen(thing, times=30)
            wait_until(
                lambda: OutboxEvent.objects.filter(attempts__gte=3).exists(), "it tried three times"
            )
            assert OutboxEvent.objects.pending().count() == 30
        finally:
            valkey.start()
        wait_until(all_sent, "the backlog is sent")
    assert_all_arrived_in_order(reader)


def test_it_tries_again_soon_when_another_relay_is_in_its_way(
    reader: "redis.Redis", environment: Callable[..., None]
) -> None:
    environment(relay_poll_interval=10 * PATIENCE)  # and nobody wakes it for what the other lets go
    happen(new_thing(), times=5)
    with ExitStack() as the_other:
        the_other.enter_context(another_relay_holds(2))
        with relaying():
            happen(new_thing())
            wait_until(lambda: OutboxEvent.objects.sent().exists(), "it is at work")
            assert OutboxEvent.objects.pending().count() == 5
            the_other.close()
            wait_until(all_sent, "the events are sent")
    assert_all_arrived_in_order(reader)


def test_a_relay_at_work_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(Stop()) as stop:
        monkeypatch.setattr(watched_process, "beat", stop.wish)
        assert Relay(client=client(), batch_size=10, stop=stop).run() == 0
