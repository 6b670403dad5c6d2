"""Rows for an export, a page at a time and newest first, however many there are."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast
from orjson import Fragment

from audit.exports.formats import COLUMNS
from audit.models import AuthEvent, Position
from audit.trail_filter import TrailFilter
from config.http.estimated_pages import estimate

PAGE = 2_000
JSON_COLUMNS = ("risk_signals", "metadata")
PLAIN_COLUMNS = tuple(name for name in COLUMNS if name not in JSON_COLUMNS)
READ = (*PLAIN_COLUMNS, *JSON_COLUMNS)


def page_after(
    question: TrailFilter, before: datetime, position: Position | None
) -> list[dict[str, Any]]:
    """The next `PAGE` rows of those before the moment `before`; fewer are the last. What is JSON already stays so."""
    rows = question.narrow(AuthEvent.objects.all()).until(before).newest_first()
    if position is not None:
        rows = rows.after(position)
    texts = {f"{name}_text": Cast(name, TextField()) for name in JSON_COLUMNS}
    found = rows.annotate(**texts).values_list(*PLAIN_COLUMNS, *texts)[:PAGE]
    split = len(PLAIN_COLUMNS)
    return [
        dict(zip(READ, (*row[:split], *map(Fragment, row[split:])), strict=True)) for row in found
    ]


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
