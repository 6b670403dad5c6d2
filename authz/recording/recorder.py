"""Noting decisions: all denials, and of the allows a share. Never waits, never fails; what finds no room is counted."""

import random

import structlog
from django.conf import settings
from django.db import close_old_connections, connection

from authz.metrics import DECISION_RECORDS
from authz.recording import rows
from authz.recording.buffer import Buffer
from authz.recording.noted import Noted

logger = structlog.get_logger(__name__)


def wants(*, allowed: bool) -> bool:
    """Whether a decision is to be noted."""
    environment = settings.ENVIRONMENT
    if environment.decision_record_interval == 0:
        return False
    return not allowed or random.random() < environment.decision_record_allows  # noqa: S311 - a sample, no secret


def note(noted: Noted) -> None:
    """Have it written down soon."""
    if not _waiting.put(noted):
        DECISION_RECORDS.labels("dropped").inc()


def flush() -> None:
    """Write down what waits in this process, in this thread."""
    _waiting.flush()


def stop() -> None:
    """Write down what waits, and end the writing thread."""
    _waiting.stop()


def _write(batch: list[Noted]) -> None:
    """Whatever is wrong, decisions go on: the batch is counted as dropped, and the log says why."""
    try:
        rows.write(batch)
    except Exception:
        DECISION_RECORDS.labels("dropped").inc(len(batch))
        logger.exception("decision_records_dropped", records=len(batch))
    else:
        DECISION_RECORDS.labels("written").inc(len(batch))
    finally:
        if not connection.in_atomic_block:
            close_old_connections()


_waiting: Buffer[Noted] = Buffer(
    _write,
    size=lambda: settings.ENVIRONMENT.decision_record_buffer,
    interval=lambda: settings.ENVIRONMENT.decision_record_interval,
)
