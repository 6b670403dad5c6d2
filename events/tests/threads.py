"""Threads that each have a database connection of their own and close it."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


class Threads:
    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool

    def run(self, work: Callable[[], T]) -> "Future[T]":
        return self._pool.submit(_with_own_connection, work)


@contextmanager
def threads(count: int) -> Iterator[Threads]:
    """Up to `count` at once; the block ends when all are done."""
    with ThreadPoolExecutor(count) as pool:
        yield Threads(pool)


def _with_own_connection(work: Callable[[], T]) -> T:
    try:
        return work()
    finally:
        connection.close()
