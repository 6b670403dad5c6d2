"""Django's cache on the process's one connection to Redis, whatever that leads to."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient

from config import redis


class SharedRedisCache(RedisCache):
    """Keeps to the keys under its KEY_PREFIX; where they are is REDIS_URL's to say. Raises redis.RedisError."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(location, params)
        self._class = SharedClient

    def clear(self) -> None:
        """Forget what is cached, and nothing else that Redis keeps for us."""
        client: Any = redis.client()
        for name in client.scan_iter(f"{self.key_prefix}:*", count=1000):
            client.delete(name)


class SharedClient(RedisCacheClient):
    """Django's own, without commands on several keys: a cluster keeps them apart."""

    _serializer: Any

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        return redis.client()

    def get_many(self, keys: Iterable[Any]) -> dict[Any, Any]:
        names = list(keys)
        found = redis.answers([("GET", name) for name in names])
        return {
            name: self._serializer.loads(value)
            for name, value in zip(names, found, strict=True)
            if value is not None
        }

    def set_many(self, data: Mapping[Any, Any], timeout: Any) -> None:
        if timeout == 0:
            self.delete_many(data)
            return
        life = () if timeout is None else ("EX", timeout)
        redis.answers(
            [("SET", name, self._serializer.dumps(value), *life) for name, value in data.items()]
        )

    def delete_many(self, keys: Iterable[Any]) -> None:
        redis.answers([("DEL", name) for name in keys])
