"""Any number of beats: one sends, and when it dies another goes on."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from config import redis
from config.celery import app
from config.jobs import leases
from config.jobs.beat import LEASE, WatchedScheduler
from config.jobs.leases import Lease
from events.tests.processes import environment_of_the_tests
from tests.waiting import wait_until

QUEUE = "gatehouse:celery:default"
MINUTE = timedelta(minutes=1)


def take(holder: str, time: timedelta = MINUTE) -> bool:
    return leases.take(name="thing", holder=holder, time=time)


@pytest.mark.django_db
def test_a_lease_is_one_holders_until_it_runs_out_or_is_given_back() -> None:
    assert take("first")
    assert not take("second")
    assert take("first")  # longer
    leases.give_back(name="thing", holder="second")
    assert not take("second")
    leases.give_back(name="thing", holder="first")
    assert take("second", timedelta(0))
    assert take("first")


@pytest.fixture
def scheduler() -> WatchedScheduler:
    return WatchedScheduler(app=app, lazy=True)


@pytest.fixture
def ticked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Those that would have sent what is due."""
    ticked: list[Any] = []

    def tick(this: Any) -> float:
        ticked.append(this)
        return 5.0

    monkeypatch.setattr("config.jobs.beat.DatabaseScheduler.tick", tick)
    return ticked


@pytest.mark.django_db
def test_a_beat_without_the_lease_only_looks(
    scheduler: WatchedScheduler, ticked: list[Any]
) -> None:
    leases.take(name=LEASE, holder="another", time=MINUTE)
    assert scheduler.tick() == 2.0
    assert ticked == []
    Lease.objects.all().delete()
    assert scheduler.tick() == 2.0
    assert ticked == [scheduler]


@pytest.mark.django_db(transaction=True)
def test_a_beat_that_lost_the_lease_writes_nothing_down(
    scheduler: WatchedScheduler, ticked: list[Any]
) -> None:
    scheduler.tick()
    Lease.objects.update(holder="another")
    scheduler._dirty.add("a run that the other has written down since")
    scheduler.tick()
    assert not scheduler._dirty
    scheduler.close()
    assert Lease.objects.get().holder == "another"


@pytest.mark.django_db(transaction=True)
def test_a_beat_that_ends_lets_the_next_one_go_on_at_once(
    scheduler: WatchedScheduler, ticked: list[Any]
) -> None:
    scheduler.tick()
    scheduler.close()
    assert not Lease.objects.exists()


@contextmanager
def beats(count: int, folder: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Real ones, on the database and the Redis of the tests."""
    variables = environment_of_the_tests() | {
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
        "STATE_DIR": str(folder),
        "BEAT_LEASE": "1",
    }
    variables.pop("PROMETHEUS_MULTIPROC_DIR", None)
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "config", "beat"]
    running = [
        subprocess.Popen(
            [*command, "--schedule", str(folder / str(number))],
            cwd=django_settings.BASE_DIR,
            env=variables,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for number in range(count)
    ]
    try:
        yield running
    finally:
        for each in running:
            each.kill()
            each.wait()


def holder() -> int:
    """The process that has the lease; 0 when none has."""
    lease = Lease.objects.filter(name=LEASE).first()
    return int(lease.holder.split(":")[1]) if lease else 0


def sent() -> int:
    waiting: Any = redis.client().llen(QUEUE)
    return int(waiting)


@pytest.mark.django_db(transaction=True)
def test_one_of_two_beats_sends_and_when_it_is_killed_the_other_goes_on(tmp_path: Path) -> None:
    PeriodicTask.objects.all().delete()
    second = IntervalSchedule.objects.create(every=1, period=IntervalSchedule.SECONDS)
    PeriodicTask.objects.create(name="Tick", task="config.jobs.tasks.tick", interval=second)
    redis.client().delete(QUEUE)
    connection.close()
    with beats(2, tmp_path) as both:
        wait_until(lambda: sent() >= 2, "two ticks")
        begun, before = time.monotonic(), sent()
        first = holder()
        wait_until(lambda: sent() >= before + 2, "two ticks more")
        assert sent() - before <= time.monotonic() - begun + 1  # one a second, not two
        os.kill(first, 9)
        wait_until(lambda: holder() not in {0, first}, "another with the lease")
        now = sent()
        wait_until(lambda: sent() > now, "ticks of the other")
        assert {each.pid for each in both} == {first, holder()}
    redis.client().delete(QUEUE)
