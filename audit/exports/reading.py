"""Rows for an export, a page at a time and newest first, however many there are.

PostgreSQL writes the page's text itself: of a million rows none becomes an object of Python's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connections

from audit.exports.formats import Writer
from audit.exports.lines import half
from audit.models import AuthEvent, AuthEventQuerySet, Position
from audit.trail_filter import TrailFilter
from config.http.estimated_pages import estimate
from config.replicas import positions, reading

PAGE = 10_000  # rows, about six megabytes

# What several values of a line need, or one needs several times, is worked out once.
WRITTEN = """
    SELECT coalesce(string_agg(format(%s, {values}), %s ORDER BY occurred_at DESC, event_id DESC), ''),
           count(*),
           min(occurred_at),
           (array_agg(event_id ORDER BY occurred_at DESC, event_id DESC))[count(*)]
      FROM (SELECT found.*, host(ip) AS address, risk_signals::text AS signals, metadata::text AS details,
                   {high} AS high, {low} AS low
              FROM ({found}) AS found OFFSET 0) AS row
"""


@dataclass(frozen=True, kw_only=True)
class Page:
    """The text of some rows, and the place behind the last of them; None behind no row at all."""

    text: str
    rows: int
    end: Position | None

    @property
    def is_last(self) -> bool:
        return self.rows < PAGE


def pages_of(
    writer: Writer, question: TrailFilter, before: datetime, *, after: Position | None = None
) -> Iterator[Page]:
    """All rows before the moment `before` that come `after` a place, as `writer` has them. The last page is short, and
    perhaps empty."""
    rows = question.narrow(AuthEvent.objects.all()).until(before).newest_first()
    complete = positions.now()  # what a replica must have: nothing may be missing
    while True:
        page = _read(writer, rows if after is None else rows.after(after), complete)
        yield page
        if page.is_last:
            return
        after = page.end


def expected_rows(question: TrailFilter, before: datetime) -> int:
    """About how many there will be, from PostgreSQL's statistics."""
    return estimate(question.narrow(AuthEvent.objects.all()).until(before))


def _read(writer: Writer, rows: AuthEventQuerySet, complete: int) -> Page:
    return reading.read(lambda: _page(writer, rows), AuthEvent, position=complete)


def _page(writer: Writer, rows: AuthEventQuerySet) -> Page:
    found, terms = rows[:PAGE].query.sql_with_params()
    written = WRITTEN.format(
        values=", ".join(writer.line.values).replace("%", "%%"),
        high=half("event_id", "left"),
        low=half("event_id", "right"),
        found=found,
    )
    with connections[rows.db].cursor() as cursor:
        cursor.execute(written, [writer.line.template, writer.between, *terms])
        text, number, moment, event = cursor.fetchone()
    return Page(text=text, rows=number, end=Position(moment, event) if number else None)
