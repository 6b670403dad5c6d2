"""What a cluster needs beyond redis-py: errors of one kind, and the one server that holds a key."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import redis
from redis.cluster import ClusterNode, RedisCluster
from redis.exceptions import MovedError, RedisClusterException


class ClusterClient(RedisCluster):
    """All that goes wrong with it is a `redis.RedisError`."""

    @classmethod
    def open(cls, nodes: Sequence[ClusterNode], **options: Any) -> "ClusterClient":
        """Raises redis.ConnectionError when none of the nodes answers."""
        with _as_connection_errors():
            return cls(startup_nodes=list(nodes), require_full_coverage=False, **options)

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Raises redis.RedisError."""
        with _as_connection_errors():
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]

    def home(self, name: str) -> "redis.Redis":
        """The server that holds the key `name`, as far as is known. Raises redis.ConnectionError when none does."""
        with _as_connection_errors():
            node = self.get_node_from_key(name)  # type: ignore[no-untyped-call]
            return self.get_redis_connection(node)

    def look_again(self) -> None:
        """Learn anew who holds what. Raises redis.ConnectionError when nobody answers."""
        with _as_connection_errors():
            self.nodes_manager.initialize()


@contextmanager
def _as_connection_errors() -> Iterator[None]:
    try:
        yield
    except RedisClusterException as error:
        raise redis.ConnectionError(str(error)) from error


@contextmanager
def at_home(client: Any, name: str) -> Iterator["redis.Redis"]:
    """The one server that holds the key `name`, for transactions on it and on keys of its hash tag.

    Without a cluster it is the client itself. What happens in the block may raise redis.RedisError; when that is
    because the key has moved, it is a redis.ConnectionError, and the next block is at its new home.
    """
    if not isinstance(client, ClusterClient):
        yield client
        return
    try:
        yield client.home(name)
    except MovedError as error:
        client.look_again()
        raise redis.ConnectionError(f"{name} has moved") from error
    except redis.RedisError as error:
        if not isinstance(error, redis.ResponseError):
            client.look_again()
        raise
