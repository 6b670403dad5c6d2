"""Room for the rows of the trail: made ahead of time, dropped when their time is over. Months as native partitions
(ADR 0042), or the chunks of a hypertable (ADR 0192): this module says what is due, those two do it.

Safe on any number of machines at once: an advisory lock lets one in, and the others find the work done.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Protocol

import psycopg
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from audit.errors import TrailBusyError
from audit.months import Month
from audit.services import chunks, native_months
from config.locking import alone

LONGEST_WAIT = "1s"  # for the table: whoever writes to the trail queues behind us while we wait


class Room(Protocol):
    """What `native_months` and `chunks` both do, and their functions say."""

    def existing(self) -> list[Month]: ...
    def missing(self, wanted: Iterable[Month]) -> list[Month]: ...
    def make(self, months: list[Month]) -> None: ...
    def expired(self, oldest: Month) -> list[Month]: ...
    def drop(self, oldest: Month) -> None: ...
    def without_room(self, days: Iterable[date]) -> set[date]: ...
    def stray_months(self) -> list[Month]: ...
    def stray_rows(self) -> int: ...


def ensure_ahead(*, dry_run: bool = False) -> list[Month]:
    """Make room for this month and the next `audit_months_ahead`; returns those that had none.

    Rows that had to go to the default partition, because nobody made theirs in time, are moved into theirs.
    Raises TrailBusyError when the table cannot be had for a moment.
    """
    if dry_run or not _missing():
        return _missing()
    with _alone():
        missing = _missing()
        _room().make(missing)
    return missing


def ensure(months: Iterable[Month]) -> None:
    """Make room for `months`, for whoever is about to write rows of the past; rows of theirs in the default partition
    are moved.

    Raises TrailBusyError.
    """
    wanted = set(months)
    if _room().missing(wanted):
        with _alone():
            _room().make(_room().missing(wanted))


def drop_expired(*, dry_run: bool = False) -> list[Month]:
    """Drop what is before the `audit_retention_months` that are kept; returns the months that are gone then.

    Raises TrailBusyError when the table cannot be had for a moment.
    """
    if dry_run or not _expired():
        return _expired()
    with _alone():
        expired = _expired()
        _room().drop(oldest_kept())
    return expired


def existing() -> list[Month]:
    """The months that have a partition, or a chunk or a part of one, oldest first."""
    return _room().existing()


def without_room(days: Iterable[date]) -> set[date]:
    """Those of `days` of which the trail can hold no row, because their partition or chunk is gone."""
    return _room().without_room(days)


def stray_rows() -> int:
    """How many rows are where none should be: in the default partition."""
    return _room().stray_rows()


def months_ahead() -> int:
    """How many months after this one have their room, without a gap."""
    made, ahead = set(existing()), 0
    while _this_month().plus(ahead + 1) in made:
        ahead += 1
    return ahead


def trail_exists() -> bool:
    """Whether the migrations have made the table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('audit_authevent') IS NOT NULL")
        (exists,) = cursor.fetchone()
    return bool(exists)


def oldest_kept() -> Month:
    """Months before this one are dropped."""
    return _this_month().plus(-settings.ENVIRONMENT.audit_retention_months)


def _room() -> Room:
    return chunks if chunks.in_use() else native_months


def _this_month() -> Month:
    return Month.of(timezone.now())


def _missing() -> list[Month]:
    """The months that should have room and have none: those ahead, and those of stray rows."""
    this, room = _this_month(), _room()
    ahead = [this.plus(number) for number in range(settings.ENVIRONMENT.audit_months_ahead + 1)]
    strays = [month for month in room.stray_months() if oldest_kept() <= month <= ahead[-1]]
    return room.missing({*ahead, *strays})


def _expired() -> list[Month]:
    return _room().expired(oldest_kept())


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
