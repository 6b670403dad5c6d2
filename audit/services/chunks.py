"""The trail as a hypertable of TimescaleDB: its chunks, which make themselves and are dropped when their time is over
(ADR 0192).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import connection

from audit.months import Month

CHUNKS = """
    SELECT chunk_name, range_start, range_end FROM timescaledb_information.chunks
     WHERE hypertable_name = 'audit_authevent' ORDER BY range_start
"""


@dataclass(frozen=True, slots=True)
class Chunk:
    """From its start on and before its end. `name` is that of its table, among TimescaleDB's own."""

    name: str
    start: datetime
    end: datetime

    @property
    def months(self) -> set[Month]:
        return {Month.of(self.start), Month.of(self.end - timedelta(microseconds=1))}

    def meets(self, day: date) -> bool:
        first = datetime.combine(day, datetime.min.time(), UTC)
        return self.start < first + timedelta(days=1) and first < self.end


def in_use() -> bool:
    """Whether the trail is a hypertable, and not a table with native partitions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_class WHERE oid = to_regclass('audit_authevent') AND relkind = 'r')"
        )
        (plain,) = cursor.fetchone()
    return bool(plain)


def existing() -> list[Chunk]:
    """Its chunks, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(CHUNKS)
        return [Chunk(*found) for found in cursor.fetchall()]


def months() -> list[Month]:
    """The months that have a chunk or a part of one, oldest first."""
    return sorted({month for chunk in existing() for month in chunk.months})


def expired(before: datetime) -> list[Month]:
    """The months that lose their last chunk when those that end before `before` are dropped."""
    kept = {month for chunk in existing() if chunk.end > before for month in chunk.months}
    return [month for month in months() if month not in kept]


def drop(before: datetime) -> None:
    """Drop the chunks of which no row is as young as `before`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT drop_chunks('audit_authevent', older_than => %s)", [before])
