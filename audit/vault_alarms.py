"""Secrets that did not open, in the trail.

A failure is mostly met inside a transaction that it brings down, and its row must not go down with it. So it is kept
aside there, and written in a transaction of its own once the request or the task is over, or the transaction has
committed after all. Its log line and its metric are there at once.
"""

import threading
from dataclasses import dataclass, field
from typing import Any

import structlog
from celery.signals import task_postrun
from django.core.signals import request_finished
from django.db import Error, connection, transaction

from audit.events import SecretDidNotOpen
from config.http import context
from config.http.context import RequestContext
from config.vault import alarms
from events.domain import emit

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Alarm:
    event: SecretDidNotOpen
    context: RequestContext


@dataclass
class _Waiting(threading.local):
    alarms: list[_Alarm] = field(default_factory=list)


_waiting = _Waiting()


def listen() -> None:
    """Wire it; called once, when the app is ready."""
    alarms.listen(note)
    request_finished.connect(write_all, dispatch_uid="audit.vault_alarms")
    task_postrun.connect(write_all, dispatch_uid="audit.vault_alarms")


def note(place: str, reason: str) -> None:
    """Write the row now, or as soon as it stands by itself."""
    _waiting.alarms.append(_Alarm(SecretDidNotOpen(place=place, reason=reason), context.current()))
    if connection.in_atomic_block:
        transaction.on_commit(write_all, robust=True)
    else:
        write_all()


def forget() -> None:
    """Drop what this thread has kept aside."""
    _waiting.alarms = []


def write_all(**_: Any) -> None:
    """Write what this thread has kept aside. A database that is away leaves it to the log."""
    kept, _waiting.alarms = _waiting.alarms, []
    for alarm in kept:
        try:
            with context.acting(alarm.context), transaction.atomic():
                emit(alarm.event)
        except Error:
            log.exception("vault.alarm_not_in_the_trail", place=alarm.event.place)
