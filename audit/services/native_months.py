"""The trail in native partitions, a month each (ADR 0042). What `audit.services.partitions` asks of them."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import connection
from psycopg import sql

from audit.models import AuthEvent
from audit.months import Month

PARENT = sql.Identifier("audit_authevent")
DEFAULT = sql.Identifier("audit_authevent_default")
STRAY = sql.Identifier("audit_authevent_stray")


def existing() -> list[Month]:
    """The months that have a partition, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = to_regclass('audit_authevent')"
        )
        names = [name for (name,) in cursor.fetchall()]
    return sorted(month for name in names if (month := Month.of_partition(name)))


def missing(wanted: Iterable[Month]) -> list[Month]:
    """Those of `wanted` that have no partition."""
    return sorted(set(wanted) - set(existing()))


def make(months: list[Month]) -> None:
    """Make the partitions of `months`, which have none; rows of theirs in the default partition are moved."""
    if set(months).isdisjoint(stray_months()):
        _make(months)
    else:
        _refile(months)


def expired(oldest: Month) -> list[Month]:
    """The months before `oldest` that have a partition."""
    return [month for month in existing() if month < oldest]


def drop(oldest: Month) -> None:
    """Drop the partitions of months before `oldest`."""
    for month in expired(oldest):
        _execute("DROP TABLE {partition}", partition=sql.Identifier(month.partition))


def without_room(days: Iterable[date]) -> set[date]:
    """Those of `days` whose month has neither a partition nor rows in the default one."""
    months = {*existing(), *stray_months()}
    return {day for day in days if Month(day.year, day.month) not in months}


def stray_months() -> list[Month]:
    """The months of rows in the default partition."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT date_trunc('month', occurred_at, 'UTC') FROM audit_authevent_default"
        )
        return [Month.of(moment) for (moment,) in cursor.fetchall()]


def stray_rows() -> int:
    """How many rows are in the default partition, where none should be."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_authevent_default")
        (count,) = cursor.fetchone()
    return int(count)


def _make(months: Iterable[Month]) -> None:
    """Each is made beside the trail and then attached, which does not stop those who write to it."""
    for month in months:
        partition = sql.Identifier(month.partition)
        _execute("CREATE TABLE {partition} (LIKE {parent} INCLUDING ALL)", partition=partition)
        _refuse_truncate(partition)
        _execute(
            "ALTER TABLE {parent} ATTACH PARTITION {partition} FOR VALUES FROM ({start}) TO ({end})",
            partition=partition,
            start=_literal(month.start),
            end=_literal(month.plus(1).start),
        )


def _refile(months: Iterable[Month]) -> None:
    """Make `months` although the default partition has rows of theirs: it is set aside, and its rows written anew.

    Rows cannot be deleted from the trail; a table that is no part of it any more can be dropped.
    """
    columns: list[sql.Composable] = [
        sql.Identifier(field.attname) for field in AuthEvent._meta.concrete_fields
    ]
    _execute("ALTER TABLE {parent} DETACH PARTITION {default}")
    _execute("ALTER TABLE {default} RENAME TO {stray}")
    _make(months)
    _execute("CREATE TABLE {default} PARTITION OF {parent} DEFAULT")
    _refuse_truncate(DEFAULT)
    _execute(
        "INSERT INTO {parent} ({columns}) SELECT {columns} FROM {stray}",
        columns=sql.SQL(", ").join(columns),
    )
    _execute("DROP TABLE {stray}")


def _refuse_truncate(partition: sql.Identifier) -> None:
    _execute(
        "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON {partition}"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()",
        partition=partition,
    )


def _literal(moment: datetime) -> sql.Literal:
    return sql.Literal(moment.isoformat())


def _execute(statement: str, **names: sql.Composable) -> None:
    known = {"parent": PARENT, "default": DEFAULT, "stray": STRAY}
    composed = sql.SQL(statement).format(**known | names)
    with connection.cursor() as cursor:
        cursor.execute(composed.as_string(cursor.connection))
