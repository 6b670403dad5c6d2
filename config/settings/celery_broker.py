"""Celery's settings for CELERY_BROKER_URL: Redis, Redis behind Sentinels, or RabbitMQ with quorum queues."""

from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from kombu import Exchange, Queue

from config.settings.reader import SettingsError
from config.settings.redis_address import RedisAddress, redis_address

QUEUES = ("default", "broker", "exports", "mail")
PREFIX = "gatehouse:celery:"
CONNECT_TIMEOUT = 2.0  # seconds, for each server
# Kombu checks no certificate where it is told nothing, and behind Sentinels speaks no TLS then.
TRUST = {"ssl_cert_reqs": "required"}
CLUSTER = (
    "CELERY_BROKER_URL: is missing: Celery's queues cannot be in a cluster, as REDIS_URL is; RabbitMQ (amqp://) can "
    "have them, or a Redis without a cluster"
)


def celery(url: str, *, longest_task: int) -> dict[str, Any]:
    """The CELERY_… settings for `url`, whose tasks take `longest_task` seconds at most. Raises SettingsError for a
    cluster, and ValueError for what is no broker's URL.
    """
    if url.partition("://")[0] in {"amqp", "amqps"}:
        return _rabbitmq(url)
    address = redis_address(url)
    if address.kind == "cluster":
        raise SettingsError([CLUSTER])
    options = {
        "global_keyprefix": PREFIX,
        # Redis gives an unacknowledged task to another worker after this: longer than any task may take.
        "visibility_timeout": 2 * longest_task,
        "socket_connect_timeout": CONNECT_TIMEOUT,
        "socket_keepalive": True,
    }
    settings = {
        "CELERY_BROKER_URL": _spelt(url),
        "CELERY_BROKER_TRANSPORT_OPTIONS": options,
        "CELERY_TASK_QUEUES": [Queue(name, Exchange(name), routing_key=name) for name in QUEUES],
    }
    if address.kind == "sentinel":
        return settings | _behind_sentinels(address, options)
    if url.startswith("rediss://"):
        settings["CELERY_BROKER_USE_SSL"] = TRUST  # what the URL says besides goes before it
    return settings


def _spelt(url: str) -> str:
    """Kombu spells a Unix socket in its own way; the rest is as it is."""
    if not url.startswith("unix://"):
        return url
    parts = urlsplit(url)
    number = dict(parse_qsl(parts.query)).get("db", "0")
    return f"redis+socket://{parts.path}?virtual_host={number}"


def _behind_sentinels(address: RedisAddress, options: dict[str, Any]) -> dict[str, Any]:
    """Kombu wants every Sentinel as a URL of its own, and what is for the Sentinels alone as options."""
    from config.redis.opening import sentinel_options, server_options  # noqa: PLC0415 - they load redis-py

    ours, theirs = server_options(address), sentinel_options(address)
    user = f"{quote(ours.pop('username', ''), safe='')}:{quote(ours.pop('password', ''), safe='')}@"
    database = ours.pop("db", 0)
    settings: dict[str, Any] = {
        "CELERY_BROKER_URL": ";".join(
            f"sentinel://{user if user != ':@' else ''}{host}:{port}/{database}"
            for host, port in address.nodes
        ),
        "CELERY_BROKER_TRANSPORT_OPTIONS": options
        | {"master_name": address.service, "sentinel_kwargs": theirs},
    }
    if ours.pop("ssl", False):
        settings["CELERY_BROKER_USE_SSL"] = TRUST | ours
    return settings


def _rabbitmq(url: str) -> dict[str, Any]:
    """Quorum queues: a message is on more than one machine before it counts as sent, and the sender hears of it.

    Exchanges are of the kind that RabbitMQ can hold a delayed task behind, without a worker that waits.
    """
    queues = [
        Queue(
            name,
            Exchange(f"gatehouse.{name}", type="topic"),
            routing_key=name,
            queue_arguments={"x-queue-type": "quorum"},
        )
        for name in QUEUES
    ]
    return {
        "CELERY_BROKER_URL": url,
        "CELERY_BROKER_TRANSPORT_OPTIONS": {
            "confirm_publish": True,
            "connect_timeout": CONNECT_TIMEOUT,
        },
        "CELERY_TASK_QUEUES": queues,
        "CELERY_TASK_DEFAULT_QUEUE_TYPE": "quorum",
    }
