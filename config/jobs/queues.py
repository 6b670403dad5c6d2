"""Celery's broker, whichever it is: whether it answers, and how many tasks wait in each queue."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import structlog
from celery import current_app
from kombu.exceptions import OperationalError
from prometheus_client.metrics_core import Metric

from config.telemetry.metrics import fact

log = structlog.get_logger(__name__)

CONNECT_TIMEOUT = 1.0  # seconds


def is_rabbitmq() -> bool:
    """Whether the tasks are somewhere else than in Redis."""
    return str(current_app.conf.broker_url or "").startswith("amqp")  # none while an image is built


def broker() -> Mapping[str, Any]:
    """The probe of the broker. Raises what kombu counts as `connection_errors` when it does not answer."""
    with _connection() as connection:
        told: Mapping[str, Any] = getattr(connection.connection, "server_properties", {})
        return {"kind": connection.transport.driver_type, "version": told.get("version", "")}


def queue_facts() -> Iterator[Metric]:
    """How many tasks wait in each queue; nothing while the broker is away."""
    try:
        found = list(_waiting())
    except _errors() as error:
        log.warning("queues_not_read", reason=f"{type(error).__name__}: {error}")
        return
    yield fact("task_queue_messages", "Tasks that wait for a worker", ["queue"], found)


def _waiting() -> Iterator[tuple[tuple[str], int]]:
    with _connection() as connection:
        for queue in current_app.conf.task_queues:
            with (
                connection.channel() as channel
            ):  # one that is asked for a queue that is not there is closed by that
                try:
                    told = queue(channel).queue_declare(passive=True)
                except connection.channel_errors:
                    yield (queue.name,), 0
                else:
                    yield (queue.name,), told.message_count


@contextmanager
def _connection() -> Iterator[Any]:
    """Connected. Left to itself kombu waits two seconds before it gives up."""
    with current_app.connection_for_read(connect_timeout=CONNECT_TIMEOUT) as connection:
        connection.ensure_connection(
            max_retries=1, interval_start=0, interval_step=0, reraise_as_library_errors=False
        )
        yield connection


def _errors() -> tuple[type[BaseException], ...]:
    connection = current_app.connection_for_read()
    return (*connection.connection_errors, OperationalError, OSError)
