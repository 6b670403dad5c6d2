"""Tests with real transactions leave the database as they found it.

Django empties the tables with TRUNCATE and then fills in what migrations leave behind: more than a second each time.
Here the few rows that stood there at the start are remembered, everything is deleted, and they are put back. Months
of the trail that a test has made go as well.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.test import TransactionTestCase
from psycopg import sql

from audit.months import Month
from audit.services import chunks, partitions
from authz.freshness import stamps
from config.tests import copied_rows

Present = Mapping[str, copied_rows.Rows]  # of each table that has some


@contextmanager
def left_as_it_was() -> Iterator[None]:
    """While this lasts, each test with real transactions ends with the rows that are there now, and no others."""
    rows, months = _present(), _months()

    def tear_down(_: TransactionTestCase) -> None:
        _restore(rows)
        _drop(_months() - months)
        stamps.forget()  # the ledger went with the rest, which nobody does who has processes running

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", tear_down)
        yield


def _tables() -> list[str]:
    return connection.introspection.django_table_names(only_existing=True, include_views=False)


def _present() -> Present:
    return {table: rows for table in _tables() if (rows := copied_rows.read(table)).content}


def _months() -> set[Month]:
    """Those that have a partition; a hypertable's chunks are in nobody's way."""
    return set() if chunks.in_use() else set(partitions.existing())


def _drop(months: Iterable[Month]) -> None:
    with connection.cursor() as cursor:
        for month in months:
            cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(month.partition)))


def _restore(rows: Present) -> None:
    """As a replica does it: without triggers, for the audit trail refuses to be emptied, and in any order."""
    deletions = [sql.SQL("DELETE FROM {};").format(sql.Identifier(table)) for table in _tables()]
    statement = sql.SQL("SET LOCAL session_replication_role = replica; ") + sql.SQL("").join(
        deletions
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.as_string())
        for table, content in rows.items():
            copied_rows.write(table, content)
