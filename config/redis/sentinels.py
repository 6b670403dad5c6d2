"""Sentinels: who is in charge, asked by many threads."""

from collections.abc import Callable
from typing import Any

import redis
from redis.sentinel import MasterNotFoundError, Sentinel


class Sentinels(Sentinel):
    """Those that watch over the servers of a service; the first that answers is believed."""

    def discover_master(self, service_name: str) -> Any:
        """The address of the server in charge. Raises redis.ConnectionError when none of them knows one.

        By the command that names the new one as soon as it is in charge; redis-py asks for the table of all masters,
        which changes when the others follow it.
        """
        found = self._first(lambda each: each.sentinel_get_master_addr_by_name(service_name))
        if found is None:
            raise MasterNotFoundError(f"no server of {service_name} is in charge")
        return found

    def patience(self, service_name: str) -> float:
        """Seconds after which they take a server that does not answer for gone. Raises redis.ConnectionError."""
        told = self._first(lambda each: each.sentinel_master(service_name))
        return int(told["down-after-milliseconds"]) / 1000

    def _first(self, question: Callable[[Any], Any]) -> Any:
        for sentinel in self.sentinels:
            try:
                return question(sentinel)
            except (redis.ConnectionError, redis.TimeoutError):
                continue
        raise MasterNotFoundError("no Sentinel answers")


def demand_charge(connection: Any) -> None:
    """Greet the server that a Sentinel named, a moment too long perhaps. Raises redis.ConnectionError for a replica."""
    connection.on_connect()
    connection.send_command("ROLE")
    if connection.read_response()[0] not in {b"master", "master"}:
        raise redis.ConnectionError("another server is in charge by now")


def patience_of(client: Any) -> float | None:
    """That of the Sentinels behind `client`, None without any. Raises redis.ConnectionError."""
    pool: Any = getattr(client, "connection_pool", None)
    sentinels = getattr(pool, "sentinel_manager", None)
    return sentinels.patience(pool.service_name) if isinstance(sentinels, Sentinels) else None
