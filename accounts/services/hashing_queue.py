"""A few places where password hashes are computed, and a queue in front of them.

A hash takes 19 MiB and a core for its time, so a process computes `hashing_concurrency` at once. Who comes later waits
in the order of arrival, without a database connection, so that other requests find one. When the queue is full, or the
wait is too long to be of use, the answer is 503: a pile of requests whose clients have given up helps nobody.

Hashes are computed in threads of their own: the C library keeps freed memory for each thread, and would keep 19 MiB for
every thread that ever signed somebody in.
"""

import math
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import TypeVar

from django.conf import settings
from django.db import connection

from accounts.errors import TooManySignInsError
from accounts.metrics import PASSWORD_HASH_WAITING

Result = TypeVar("Result")


class HashingQueue:
    """`places` at once, `longest` waiting, none of them for more than `patience` seconds."""

    def __init__(self, *, places: int, longest: int, patience: float) -> None:
        self._free = places
        self._longest = longest
        self._patience = patience
        self._waiting: deque[threading.Event] = deque()
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(places, thread_name_prefix="password-hash")

    def compute(self, work: Callable[[], Result]) -> Result:
        """What `work` returns, which touches nothing but memory. Raises TooManySignInsError, and what `work` raises."""
        with self.place():
            return self._threads.submit(work).result()

    @contextmanager
    def place(self) -> Iterator[None]:
        """One of the places, for the time of the block. Raises TooManySignInsError."""
        turn = self._take_or_queue()
        if turn is not None:
            with PASSWORD_HASH_WAITING.track_inprogress():
                release_connection()
                self._wait(turn)
        try:
            yield
        finally:
            self._pass_on()

    def _take_or_queue(self) -> threading.Event | None:
        with self._lock:
            if self._free:
                self._free -= 1
                return None
            if len(self._waiting) >= self._longest:
                raise self._refusal()
            turn = threading.Event()
            self._waiting.append(turn)
            return turn

    def _wait(self, turn: threading.Event) -> None:
        if turn.wait(self._patience):
            return
        with self._lock:
            if turn.is_set():  # the place came in the last moment
                return
            self._waiting.remove(turn)
        raise self._refusal()

    def _pass_on(self) -> None:
        """To whoever waits longest; a newcomer cannot come between."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1

    def _refusal(self) -> TooManySignInsError:
        return TooManySignInsError(headers={"Retry-After": str(math.ceil(self._patience))})


@cache
def hashing_queue() -> HashingQueue:
    """The one of this process."""
    environment = settings.ENVIRONMENT
    return HashingQueue(
        places=environment.hashing_concurrency,
        longest=environment.hashing_queue_length,
        patience=environment.hashing_patience,
    )


def release_connection() -> None:
    """Give the database connection back to its pool: the next query takes one again.

    Inside a transaction it stays, and so does one that has no pool to go back to.
    """
    if connection.settings_dict["OPTIONS"].get("pool") and not connection.in_atomic_block:
        connection.close()
