"""What ends a relay's sleep."""

import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection
from pydantic import SecretStr

from events.services.outbox import wake_relays
from events.services.stop import Stop
from events.services.wakeup import Listener
from events.tests.factories import happen, new_thing
from events.tests.processes import PATIENCE, database_url_of_the_tests
from events.tests.threads import threads
from tests.forwarding import forwarded
from tests.pooler import pooled
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stop() -> Iterator[Stop]:
    with closing(Stop()) as made:
        yield made


def listeners_in_the_database() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        )
        (count,) = cursor.fetchone()
    return int(count)


def end_listeners() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        )


def test_a_commit_with_an_event_ends_the_sleep(stop: Stop) -> None:
    with Listener(stop) as listener, threads(1) as others:
        sleeping = others.run(lambda: listener.wait(PATIENCE))
        happen(new_thing())
        assert sleeping.result(timeout=PATIENCE / 2) is True


def test_a_commit_while_nobody_sleeps_is_not_missed(stop: Stop) -> None:
    with Listener(stop) as listener:
        happen(new_thing(), times=3)
        assert listener.wait(PATIENCE) is True


def test_the_sleep_ends_when_its_time_is_over(stop: Stop) -> None:
    with Listener(stop) as listener:
        assert listener.wait(0.05) is False


def test_the_wish_to_stop_ends_the_sleep(stop: Stop) -> None:
    with Listener(stop) as listener, threads(1) as others:
        sleeping = others.run(lambda: listener.wait(PATIENCE))
        stop.wish()
        assert sleeping.result(timeout=PATIENCE / 2) is False
        assert listener.wait(PATIENCE) is False


def test_a_lost_connection_is_replaced(stop: Stop) -> None:
    with Listener(stop) as listener:
        end_listeners()
        assert listener.wait(PATIENCE) is True  # something may have been missed
        assert listener.wait(0.05) is False
        assert listener.listening
        wake_relays()
        assert listener.wait(PATIENCE) is True


def test_while_there_is_no_connection_the_sleep_is_plain(stop: Stop) -> None:
    connection.ensure_connection()
    database = connection.settings_dict["NAME"]
    with Listener(stop) as listener:
        connection.settings_dict["NAME"] = "no_such_database"
        try:
            end_listeners()
            assert listener.wait(PATIENCE) is True
            assert listener.wait(0.05) is False
            assert not listener.listening
        finally:
            connection.settings_dict["NAME"] = database
        assert listener.wait(0.05) is False
        assert listener.listening


def test_a_database_of_its_own_way_is_listened_to_there(
    stop: Stop, environment: Callable[..., None]
) -> None:
    connection.ensure_connection()
    environment(database_direct_url=SecretStr(database_url_of_the_tests()))
    database = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = "no_such_database"
    try:
        with Listener(stop) as listener:
            assert listener.listening
            wake_relays()
            assert listener.wait(PATIENCE) is True
    finally:
        connection.settings_dict["NAME"] = database


@pytest.mark.skipif(
    not shutil.which("pgbouncer") or not connection.settings_dict["HOST"].startswith("/"),
    reason="there is no PgBouncer (Debian: pgbouncer), or no PostgreSQL on a socket",
)
def test_behind_a_pooler_nobody_believes_to_hear_anything(
    stop: Stop, environment: Callable[..., None], tmp_path: Path
) -> None:
    connection.ensure_connection()
    known = connection.settings_dict
    way = Path(known["HOST"]) / f".s.PGSQL.{known['PORT'] or 5432}"
    with (
        forwarded(way) as port,
        pooled(tmp_path, port=port, name=known["NAME"], user=known["USER"]) as url,
    ):
        environment(database_direct_url=SecretStr(url))
        with Listener(stop) as listener:
            assert not listener.listening
            assert listener.wait(0.05) is False
        environment(database_direct_url=SecretStr(database_url_of_the_tests()))
        with Listener(stop) as listener:
            assert listener.listening


def test_the_end_of_the_block_ends_the_connection(stop: Stop) -> None:
    with Listener(stop):
        assert listeners_in_the_database() == 1
    wait_until(lambda: listeners_in_the_database() == 0, "the connection is gone")


def test_many_wishes_to_stop_are_one(stop: Stop) -> None:
    for _ in range(100_000):  # more than a socket buffers
        stop.wish()
    assert stop.wished
    assert stop.wait(PATIENCE) is False


def test_a_signal_is_taken_for_the_wish_to_stop(stop: Stop) -> None:
    before = signal.getsignal(signal.SIGUSR1)
    stop.on(signal.SIGUSR1)
    try:
        assert not stop.wished
        signal.raise_signal(signal.SIGUSR1)
        assert stop.wished
    finally:
        signal.signal(signal.SIGUSR1, before)
