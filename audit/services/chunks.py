"""The trail as a hypertable of TimescaleDB (ADR 0192): its chunks make themselves, and are dropped when their time is
over. What `audit.services.partitions` asks of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection

from audit.months import Month

CHUNKS = """
    SELECT range_start, range_end FROM timescaledb_information.chunks
     WHERE hypertable_name = 'audit_authevent' ORDER BY range_start
"""


@dataclass(frozen=True, slots=True)
class Chunk:
    """From its start on and before its end."""

    start: datetime
    end: datetime

    @property
    def months(self) -> set[Month]:
        return {Month.of(self.start), Month.of(self.end - timedelta(microseconds=1))}

    def meets(self, day: date) -> bool:
        first = datetime.combine(day, time(), UTC)
        return self.start < first + timedelta(days=1) and first < self.end


def in_use() -> bool:
    """Whether the trail is a hypertable, and not a table with native partitions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_class WHERE oid = to_regclass('audit_authevent') AND relkind = 'r')"
        )
        (plain,) = cursor.fetchone()
    return bool(plain)


def chunks() -> list[Chunk]:
    """All there are, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(CHUNKS)
        return [Chunk(*found) for found in cursor.fetchall()]


def existing() -> list[Month]:
    """The months that have a chunk or a part of one, oldest first."""
    return sorted({month for chunk in chunks() for month in chunk.months})


def missing(wanted: Iterable[Month]) -> list[Month]:
    """None: every row finds room."""
    return []


def make(months: list[Month]) -> None:
    """Nothing is to be made."""


def expired(oldest: Month) -> list[Month]:
    """The months that lose their last chunk when those that end before `oldest` are dropped."""
    kept = {month for chunk in chunks() if chunk.end > oldest.start for month in chunk.months}
    return [month for month in existing() if month not in kept]


def drop(oldest: Month) -> None:
    """Drop the chunks that end before `oldest`; one that reaches into it stays."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT drop_chunks('audit_authevent', older_than => %s)", [oldest.start])


def without_room(days: Iterable[date]) -> set[date]:
    """Those of `days` that no chunk meets."""
    there = chunks()
    return {day for day in days if not any(chunk.meets(day) for chunk in there)}


def stray_months() -> list[Month]:
    """None: there is no default partition."""
    return []


def stray_rows() -> int:
    return 0
