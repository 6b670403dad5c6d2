"""What is owed after the worst: what waits gets through, and tables, outbox, stream, trail and clients agree.

`reckon` in the process of a proof, once: it sets Django up on the stack.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import django
import psycopg

from config.devstack.layout import Layout
from tests.proofs.chaos_load import Ledger
from tests.proofs.served import Served

SETTLE_LIMIT = 120.0  # seconds
RETURN_LIMIT, LOOK_EVERY = 90.0, 0.05
WAITING = """
    SELECT (SELECT count(*) FROM events_outboxevent WHERE sent_at IS NULL),
           (SELECT count(*) FROM audit_unchainedevent)
"""


def layout(stack: Served) -> Layout:
    return Layout(Path(stack.environment["STATE_DIR"]))


def waiting(stack: Served) -> tuple[int, int]:
    """Events not sent and rows not chained. PostgreSQL may be away for a moment, and recover before it answers."""
    url = stack.environment.get("DATABASE_URL") or layout(stack).database_url
    deadline = time.monotonic() + RETURN_LIMIT
    while True:
        try:
            with psycopg.connect(url) as connection:
                outbox, unchained = connection.execute(WAITING).fetchone() or (0, 0)
            return int(outbox), int(unchained)
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(LOOK_EVERY)


def settle(stack: Served) -> None:
    """Wait until nothing waits, or for long enough."""
    deadline = time.monotonic() + SETTLE_LIMIT
    while any(waiting(stack)) and time.monotonic() < deadline:
        time.sleep(0.5)


def reckon(stack: Served, ledger: Ledger) -> Iterator[str]:
    """A line for each promise that was not kept. Raises CalledProcessError when the chain does not verify."""
    settle(stack)
    _set_django_up(stack)
    from config import redis
    from tests.proofs import chaos_books

    yield from chaos_books.violations(redis.client(), ledger)
    yield from chaos_books.traces(layout(stack).logs)
    stack.manage("audit_verify")


def _set_django_up(stack: Served) -> None:
    os.environ.update(stack.environment)
    django.setup()
