"""The opened data keys that this process remembers: few, and not for long."""

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from uuid import UUID

from django.conf import settings


class OpenedKeys:
    """Data keys in the clear, by id: at most `data_key_cache_size`, each at most `data_key_cache_lifetime` seconds.

    A timer drops what has expired, so an idle process keeps no key longer. It says nothing about whether a key may
    still be used: whoever asks has read the key's row first. A forked child starts empty.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._reset()
        os.register_at_fork(after_in_child=self._reset)

    def _reset(self) -> None:
        self._lock = threading.Lock()
        # Oldest first, and since all live equally long, the first to expire is the first here.
        self._keys: OrderedDict[UUID, tuple[float, bytes]] = OrderedDict()
        self._timer: threading.Timer | None = None

    def __len__(self) -> int:
        with self._lock:
            return len(self._keys)

    def __repr__(self) -> str:
        return f"<{len(self)} opened data keys>"

    def get(self, key_id: UUID) -> bytes | None:
        with self._lock:
            self._drop_expired()
            entry = self._keys.get(key_id)
            return entry[1] if entry else None

    def put(self, key_id: UUID, key: bytes) -> None:
        environment = settings.ENVIRONMENT
        if environment.data_key_cache_lifetime == 0:
            return
        with self._lock:
            self._drop_expired()
            self._keys.pop(key_id, None)
            while len(self._keys) >= environment.data_key_cache_size:
                self._keys.popitem(last=False)
            self._keys[key_id] = (self._clock() + environment.data_key_cache_lifetime, key)
            self._arm()

    def drop(self, key_id: UUID) -> None:
        with self._lock:
            self._keys.pop(key_id, None)

    def clear(self) -> None:
        with self._lock:
            self._keys.clear()

    def _drop_expired(self) -> None:
        now = self._clock()
        while self._keys and self._first_expiry() <= now:
            self._keys.popitem(last=False)

    def _first_expiry(self) -> float:
        expires, _ = next(iter(self._keys.values()))
        return expires

    def _arm(self) -> None:
        if self._timer is None and self._keys:
            delay = max(self._first_expiry() - self._clock(), 0)
            self._timer = threading.Timer(delay, self._sweep)
            self._timer.daemon = True
            self._timer.start()

    def _sweep(self) -> None:
        with self._lock:
            self._timer = None
            self._drop_expired()
            self._arm()


opened_keys = OpenedKeys()
