"""A Valkey of our own, which these tests may stop, fill and empty."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from config import redis as project_redis
from events.tests.processes import Valkey


@pytest.fixture(scope="session")
def running_valkey() -> Iterator[Valkey]:
    with tempfile.TemporaryDirectory(prefix="gatehouse-") as folder:
        server = Valkey(Path(folder))
        server.start()
        yield server
        server.stop()


@pytest.fixture
def valkey(running_valkey: Valkey, settings: Any) -> Iterator[Valkey]:
    """Running, empty, and what the project takes for its Redis."""
    with running_valkey.client() as client:
        client.flushall()
    settings.REDIS_URL = running_valkey.url
    project_redis.client.cache_clear()
    yield running_valkey
    project_redis.client().close()
    project_redis.client.cache_clear()


@pytest.fixture
def reader(valkey: Valkey) -> Iterator["redis.Redis"]:
    """A connection of somebody else's."""
    with valkey.client() as client:
        yield client
