"""Undoing migrations for real: what the tables hold then, and the way back to now."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import call_command
from django.db import connection


@contextmanager
def forwards_again() -> Iterator[None]:
    """Whatever was undone within is done again at the end."""
    try:
        yield
    finally:
        call_command("migrate", verbosity=0)


def asked(question: str) -> list[tuple[Any, ...]]:
    """The rows that a statement finds: the models fit the tables of now only."""
    with connection.cursor() as cursor:
        cursor.execute(question)
        return list(cursor.fetchall())
