"""The months of the trail as partitions: made ahead of time, dropped when their time is over (ADR 0042). Where the
trail is a hypertable there is nothing to make, and whole chunks are dropped instead (ADR 0192).

Safe on any number of machines at once: an advisory lock lets one in, and the others find the work done.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime

import psycopg
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from psycopg import sql

from audit.errors import TrailBusyError
from audit.models import AuthEvent
from audit.months import Month
from audit.services import chunks
from config.locking import alone

PARENT = sql.Identifier("audit_authevent")
DEFAULT = sql.Identifier("audit_authevent_default")
STRAY = sql.Identifier("audit_authevent_stray")
LONGEST_WAIT = "1s"  # for the table: whoever writes to the trail queues behind us while we wait


def ensure_ahead(*, dry_run: bool = False) -> list[Month]:
    """Make the partitions of this month and the next `audit_months_ahead`; returns those that were missing.

    Rows that had to go to the default partition, because nobody made theirs in time, are moved into theirs.
    Raises TrailBusyError when the table cannot be had for a moment.
    """
    if dry_run or not _missing():
        return _missing()
    with _alone():
        missing = _missing()
        _make_room(missing)
    return missing


def ensure(months: Iterable[Month]) -> None:
    """Make the partitions of `months` that have none, for whoever is about to write rows of the past; rows of
    theirs in the default partition are moved.

    Raises TrailBusyError.
    """
    missing = [] if chunks.in_use() else sorted(set(months) - set(existing()))
    if missing:
        with _alone():
            _make_room(sorted(set(missing) - set(existing())))


def drop_expired(*, dry_run: bool = False) -> list[Month]:
    """Drop the partitions of months before the `audit_retention_months` that are kept; returns those.

    Raises TrailBusyError when the table cannot be had for a moment.
    """
    if dry_run or not _expired():
        return _expired()
    with _alone():
        expired = _expired()
        if chunks.in_use():
            chunks.drop(oldest_kept().start)
            return expired
        for month in expired:
            _execute("DROP TABLE {partition}", partition=sql.Identifier(month.partition))
    return expired


def existing() -> list[Month]:
    """The months that have a partition, oldest first; of a hypertable, those that have a chunk or a part of one."""
    if chunks.in_use():
        return chunks.months()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = to_regclass('audit_authevent')"
        )
        names = [name for (name,) in cursor.fetchall()]
    return sorted(month for name in names if (month := Month.of_partition(name)))


def months_ahead() -> int:
    """How many months after this one have their partition, without a gap."""
    made, ahead = set(existing()), 0
    while _this_month().plus(ahead + 1) in made:
        ahead += 1
    return ahead


def without_room(days: Iterable[date]) -> set[date]:
    """Those of `days` of which the trail can hold no row, because their partition or chunk is gone."""
    if chunks.in_use():
        there = chunks.existing()
        return {day for day in days if not any(chunk.meets(day) for chunk in there)}
    months = {*existing(), *stray_months()}
    return {day for day in days if Month(day.year, day.month) not in months}


def stray_rows() -> int:
    """How many rows are in the default partition, where none should be. A hypertable has none."""
    if chunks.in_use():
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_authevent_default")
        (count,) = cursor.fetchone()
    return int(count)


def trail_exists() -> bool:
    """Whether the migrations have made the table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('audit_authevent') IS NOT NULL")
        (exists,) = cursor.fetchone()
    return bool(exists)


def _this_month() -> Month:
    return Month.of(timezone.now())


def oldest_kept() -> Month:
    """Months before this one are dropped."""
    return _this_month().plus(-settings.ENVIRONMENT.audit_retention_months)


def _missing() -> list[Month]:
    """The months that should have a partition and have none: those ahead, and those of stray rows."""
    if chunks.in_use():
        return []
    this = _this_month()
    ahead = [this.plus(number) for number in range(settings.ENVIRONMENT.audit_months_ahead + 1)]
    strays = [month for month in stray_months() if oldest_kept() <= month <= ahead[-1]]
    return sorted({*ahead, *strays} - set(existing()))


def _expired() -> list[Month]:
    if chunks.in_use():
        return chunks.expired(oldest_kept().start)
    return [month for month in existing() if month < oldest_kept()]


def stray_months() -> list[Month]:
    """The months of rows in the default partition, which a hypertable has not."""
    if chunks.in_use():
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT date_trunc('month', occurred_at, 'UTC') FROM audit_authevent_default"
        )
        return [Month.of(moment) for (moment,) in cursor.fetchall()]


def _strays_within(months: Iterable[Month]) -> bool:
    return not set(months).isdisjoint(stray_months())


@contextmanager
def _alone() -> Iterator[None]:
    """A transaction that no other of its kind runs beside, and that does not wait long for those who write."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            alone("audit.partitions")
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LONGEST_WAIT])
            yield
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
            raise TrailBusyError(f"The trail was in use for more than {LONGEST_WAIT}.") from error
        raise


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


def _make_room(months: list[Month]) -> None:
    if months and _strays_within(months):
        _refile(months)
    else:
        _make(months)


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
