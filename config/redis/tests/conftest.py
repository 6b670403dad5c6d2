"""Several Valkeys, as an operator would run them, for the length of the run."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from authz.freshness import feed, stamps
from config import redis
from config.http import ratelimit
from config.redis.cluster import ClusterClient
from tests.valkeys import BehindSentinels, Cluster, behind_sentinels, cluster, wait_for
from trading.brokers import circuit, pacing

# What remembers the client, or what it was used for
REMEMBERED: list[Any] = [
    redis.client,
    ratelimit._script,
    feed._script,
    circuit._script,
    pacing._script,
]


@pytest.fixture(scope="session")
def running_group(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BehindSentinels]:
    with behind_sentinels(tmp_path_factory.mktemp("sentinels")) as group:
        yield group


@pytest.fixture(scope="session")
def running_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster")) as group:
        yield group


@pytest.fixture
def group(running_group: BehindSentinels, settings: Any) -> Iterator[BehindSentinels]:
    """What the project takes for its Redis: a pair behind a Sentinel, empty."""
    wait_for(running_group.settled, "the end of another test's failover")
    with running_group.in_charge().client() as client:
        client.flushall()
    with _ours(running_group.url, settings):
        yield running_group


@pytest.fixture
def shards(running_cluster: Cluster, settings: Any) -> Iterator[Cluster]:
    """What the project takes for its Redis: three servers, empty."""
    running_cluster.empty()
    with _ours(running_cluster.url, settings):
        yield running_cluster


@pytest.fixture(params=["sentinel", "cluster"])
def several(request: pytest.FixtureRequest) -> BehindSentinels | Cluster:
    """Either."""
    found: BehindSentinels | Cluster = request.getfixturevalue(
        {"sentinel": "group", "cluster": "shards"}[request.param]
    )
    return found


@contextmanager
def _ours(url: str, settings: Any) -> Iterator[None]:
    close(redis.client())
    settings.REDIS_URL = url
    _forget()
    stamps.forget()
    stamps._redis_rests_until = 0.0
    try:
        yield
    finally:
        close(redis.client())
        _forget()
        stamps.forget()


def close(client: Any) -> None:
    """All its connections, the idle ones too: an open socket that is forgotten fails a test."""
    if isinstance(client, ClusterClient):
        for node in client.get_nodes():
            if node.redis_connection is not None:
                node.redis_connection.connection_pool.disconnect()
        return
    client.connection_pool.disconnect()
    if sentinels := getattr(client.connection_pool, "sentinel_manager", None):
        sentinels.close()


def _forget() -> None:
    for each in REMEMBERED:
        each.cache_clear()
