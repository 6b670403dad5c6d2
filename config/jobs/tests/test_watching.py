"""A worker and beat are seen to live."""

from collections.abc import Callable
from pathlib import Path

import pytest
from celery import signals
from celery.signals import heartbeat_sent
from django_celery_beat.schedulers import DatabaseScheduler

from config.celery import app
from config.jobs.beat import WatchedScheduler
from config.telemetry import watched_process


@pytest.fixture
def heartbeat(environment: Callable[..., None], tmp_path: Path) -> Path:
    path = tmp_path / "heartbeat"
    environment(heartbeat_file=path)
    return path


def test_a_worker_at_its_broker_beats(heartbeat: Path) -> None:
    heartbeat_sent.send(sender=None)
    assert heartbeat.exists()


@pytest.mark.django_db
def test_beat_beats_whenever_it_looks_at_its_schedule(
    heartbeat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DatabaseScheduler, "tick", lambda _: 5.0)
    scheduler = WatchedScheduler(app=app, lazy=True)
    assert scheduler.tick() == 2.0  # and at its lease
    assert heartbeat.exists()
    assert app.conf.beat_scheduler == "config.jobs.beat:WatchedScheduler"


@pytest.mark.parametrize("signal", [signals.worker_ready, signals.beat_init])
def test_both_answer_scrapes_from_their_begin_on(
    signal: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[bool] = []
    monkeypatch.setattr(watched_process, "begin", lambda: begun.append(True))
    signal.send(sender=None)  # type: ignore[attr-defined]
    assert begun == [True]
