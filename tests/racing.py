"""Doing things at the same moment, as many clients of a busy service do."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection, connections

PATIENCE = 60  # seconds until all are at the start


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


def sessions_that_wait() -> int:
    """How many sessions of the database at hand wait for another's lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks AS wanted WHERE NOT granted AND EXISTS ("
            " SELECT FROM pg_locks AS held WHERE held.pid = wanted.pid AND held.database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database()))"
        )
        (count,) = cursor.fetchone()
    return int(count)
