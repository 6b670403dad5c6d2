"""Many rows at once: written with COPY, and deleted a batch at a time."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection, models

BATCH = 5_000  # rows deleted in one statement: locks stay short


def copy_rows(model: type[models.Model], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows with COPY, which costs a third of what the ORM's INSERT does. Each has a value for every column of the
    table, in the order of the fields, as PostgreSQL takes it: JSON as text.
    """
    columns = ", ".join(f'"{name}"' for name in columns_of(model))
    statement = f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN'
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def columns_of(model: type[models.Model]) -> tuple[str, ...]:
    """The columns of the model's table, in the order of its fields."""
    return tuple(str(field.column) for field in model._meta.local_concrete_fields)


def doomed(rows: "models.QuerySet[Any]") -> Iterator[list[Any]]:
    """The keys of `rows`, a batch at a time, in their order; whoever asks for the next has deleted the last."""
    while keys := list(rows.values_list("pk", flat=True)[:BATCH]):
        yield keys


def delete_in_batches(rows: "models.QuerySet[Any]") -> int:
    """Delete `rows`, the first in their order first; returns how many rows that took."""
    model = rows.model
    return sum(model._default_manager.filter(pk__in=keys).delete()[0] for keys in doomed(rows))
