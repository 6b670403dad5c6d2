"""The table that SQL makes is the one that the model means, and both ways of the migration work."""

import pytest
from django.core.management import call_command
from django.db import connection

from audit.models import AuthEvent
from audit.services import chunks, partitions


@pytest.mark.django_db
def test_the_columns_are_those_of_the_model() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute"
            " WHERE attrelid = 'audit_authevent'::regclass AND attnum > 0 AND NOT attisdropped"
        )
        in_database = {name: (kind, required) for name, kind, required in cursor.fetchall()}
    of_model = {
        field.column: (_spelt_out(field.db_type(connection) or ""), not field.null)
        for field in AuthEvent._meta.concrete_fields
    }
    assert in_database == of_model


def _spelt_out(kind: str) -> str:
    return kind.replace("varchar", "character varying")


@pytest.mark.django_db
@pytest.mark.usefixtures("native_partitions")
def test_every_index_of_the_model_is_on_every_partition() -> None:
    names = {index.name for index in AuthEvent._meta.indexes}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT parent.relname, count(*) FROM pg_inherits"
            " JOIN pg_class parent ON parent.oid = inhparent"
            " WHERE parent.relname LIKE 'authevent%%' GROUP BY 1"
        )
        found = dict(cursor.fetchall())
    everywhere = len(partitions.existing()) + 1  # the default partition
    assert found == dict.fromkeys(names, everywhere)


@pytest.mark.django_db(transaction=True)
def test_the_migration_can_be_undone_and_done_again() -> None:
    call_command("migrate", "audit", "zero", verbosity=0)
    try:
        assert not partitions.trail_exists()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT count(*) FROM pg_class WHERE relname LIKE '%authevent%'),"
                " (SELECT count(*) FROM pg_proc WHERE proname LIKE 'audit%')"
            )
            assert cursor.fetchone() == (0, 0)
    finally:
        call_command("migrate", "audit", verbosity=0)
    assert chunks.in_use() or partitions.months_ahead() == 3
