"""Rows for an export, a page at a time and newest first, however many there are."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from audit.exports.formats import COLUMNS
from audit.models import AuthEvent, Position
from audit.trail_filter import TrailFilter
from config.http.estimated_pages import estimate

PAGE = 2_000


def page_after(
    question: TrailFilter, before: datetime, position: Position | None
) -> list[dict[str, Any]]:
    """The next `PAGE` rows of those before the moment `before`; fewer are the last."""
    rows = question.narrow(AuthEvent.objects.all()).until(before).newest_first()
    if position is not None:
        rows = rows.after(position)
    return list(rows.values(*COLUMNS)[:PAGE])


def pages_of(question: TrailFilter, before: datetime) -> Iterator[list[dict[str, Any]]]:
    """All of them; the last is short, and perhaps empty."""
    position = None
    while True:
        page = page_after(question, before, position)
        yield page
        if len(page) < PAGE:
            return
        position = end_of(page)


def end_of(page: list[dict[str, Any]]) -> Position:
    last = page[-1]
    return Position(last["occurred_at"], last["event_id"])


def expected_rows(question: TrailFilter, before: datetime) -> int:
    """About how many there will be, from PostgreSQL's statistics."""
    return estimate(question.narrow(AuthEvent.objects.all()).until(before))
