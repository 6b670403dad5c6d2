"""Fixtures of the job tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from celery import Celery

from config import redis
from config.celery import app
from config.jobs.tests import factories


@pytest.fixture
def sent() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """The calls of the `record` task."""
    factories.calls.clear()
    yield factories.calls
    factories.calls.clear()


@pytest.fixture
def broker() -> Iterator[Celery]:
    """Tasks travel through the real broker, under a prefix that is this test's alone."""
    with sending_to() as celery:
        yield celery


@pytest.fixture
def no_broker() -> Iterator[Celery]:
    """Tasks are sent to where no broker is."""
    with sending_to("redis://127.0.0.1:1/0") as celery:
        yield celery


@contextmanager
def sending_to(url: str | None = None) -> Iterator[Celery]:
    with pytest.MonkeyPatch.context() as patch:
        prefix = f"gatehouse:test:{uuid4().hex}:"
        options = {"global_keyprefix": prefix, "visibility_timeout": 60}
        patch.setitem(app.conf, "task_always_eager", False)
        patch.setitem(app.conf, "broker_transport_options", options)
        patch.setitem(app.conf, "broker_write_url", url)
        patch.setattr(app, "_pool", None)
        patch.setattr(app.amqp, "_producer_pool", None)
        yield app
        pool: Any = app.pool
        pool.force_close_all()
    for left_over in redis.client().scan_iter(f"{prefix}*"):
        redis.client().delete(left_over)
