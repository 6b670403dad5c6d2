"""Opens what REDIS_URL names. Nothing else of ours connects to Redis, but for Celery, which has its own ways."""

from typing import Any, cast

import redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode
from redis.connection import SSLConnection, parse_url
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry

from config.redis.cluster import ClusterClient
from config.redis.sentinels import Sentinels, demand_charge
from config.settings.redis_address import RedisAddress, redis_address

CONNECT_TIMEOUT, TIMEOUT = (
    0.5,
    1.0,
)  # seconds: callers fall back, and that is worth more than a late answer
HEALTH_CHECK = 30  # seconds that a connection may lie idle without being tried first


def open_client(url: str) -> "redis.Redis":
    """A thread-safe client whose answers are bytes; that of a cluster has the same commands.

    Raises ValueError for a URL that is none of ours, and redis.ConnectionError when a cluster does not answer.
    """
    address = redis_address(url)
    if address.kind == "sentinel":
        return _behind_sentinels(address)
    if address.kind == "cluster":
        return _in_a_cluster(address)
    return redis.Redis.from_url(url, retry=_retry(1), **_patience())


def _behind_sentinels(address: RedisAddress) -> "redis.Redis":
    sentinels = Sentinels(address.nodes, sentinel_kwargs=sentinel_options(address))  # type: ignore[no-untyped-call]
    options = server_options(address) | _patience() | {"retry": _retry(1)}
    options["redis_connect_func"] = demand_charge
    return cast("redis.Redis", sentinels.master_for(address.service, **options))  # type: ignore[no-untyped-call]


def _in_a_cluster(address: RedisAddress) -> "redis.Redis":
    options = server_options(address) | _patience()
    options.pop("db", None)
    nodes = [ClusterNode(host, port) for host, port in address.nodes]  # type: ignore[no-untyped-call]
    client: Any = ClusterClient.open(nodes, retry=_retry(1), **options)
    return cast("redis.Redis", client)


def server_options(address: RedisAddress) -> dict[str, Any]:
    """How to speak to a server, as redis-py's arguments."""
    return _options(address.server)


def sentinel_options(address: RedisAddress) -> dict[str, Any]:
    """How to speak to a Sentinel, as redis-py's arguments. One that does not answer is asked once."""
    return _options(address.sentinel) | _patience() | {"retry": _retry(0)}


def _patience() -> dict[str, Any]:
    return {
        "socket_connect_timeout": CONNECT_TIMEOUT,
        "socket_timeout": TIMEOUT,
        "health_check_interval": HEALTH_CHECK,
        "maint_notifications_config": MaintNotificationsConfig(enabled=False),  # Valkey has none
    }


def _options(url: str) -> dict[str, Any]:
    """What redis-py reads in the URL of a server, without where it is."""
    options: dict[str, Any] = dict(parse_url(url))  # type: ignore[no-untyped-call]
    del options["host"]
    options.pop("port", None)
    if options.pop("connection_class", None) is SSLConnection:
        options["ssl"] = True
    return options


def _retry(times: int) -> Retry:
    return Retry(NoBackoff(), times)
