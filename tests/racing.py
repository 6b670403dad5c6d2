"""Doing things at the same moment, as many clients of a busy service do."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections

PATIENCE = 30  # seconds until all are at the start


def at_once(*tasks: Callable[[], Any]) -> list[Any]:
    """What each task returned or raised, in their order. Each has a thread and a database connection of its own, and
    all begin together: the test needs real transactions.
    """
    start = Barrier(len(tasks))

    def run(task: Callable[[], Any]) -> Any:
        try:
            start.wait(PATIENCE)
            return task()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))
