"""Workers and beat say that they live, and answer scrapes: see `config.telemetry.watched_process`."""

from typing import Any

from celery import signals
from celery.signals import heartbeat_sent

from config.telemetry import watched_process


def connect() -> None:
    """Listen to Celery; called once, when the apps are ready."""
    signals.worker_ready.connect(_begin)
    signals.beat_init.connect(_begin)
    heartbeat_sent.connect(_beat)


def _begin(**_: Any) -> None:
    """In the worker's main process, once its pool runs, or in beat."""
    watched_process.begin()


def _beat(**_: Any) -> None:
    """Every two seconds, while the worker is at its broker."""
    watched_process.beat()
