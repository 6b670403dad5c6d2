"""Counting by hours and days in the database."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, DateTimeField, DurationField, F, Func, QuerySet, Value

from config.dashboard.span import Span

NOTHING = "\N{EN DASH}"
Counts = Mapping[Any, Mapping[datetime, int]]


def counted(rows: QuerySet[Any], *, at: str, span: Span, by: str) -> Counts:
    """How many rows have their `at` in each bucket of the span, for each value of `by`: one query."""
    bucket = Func(
        Value(span.step, DurationField()),
        F(at),
        Value(span.begin, DateTimeField()),
        function="date_bin",
        output_field=DateTimeField(),
    )
    of_span = rows.filter(**{f"{at}__gte": span.begin, f"{at}__lt": span.end}).order_by()
    found: defaultdict[Any, dict[datetime, int]] = defaultdict(dict)
    for key, when, number in (
        of_span.annotate(bucket=bucket).values_list(by, "bucket").annotate(number=Count("*"))
    ):
        found[key][when] = number
    return found


def total(counts: Mapping[datetime, int]) -> int:
    return sum(counts.values())


def shown(number: float) -> str:
    """With commas between thousands, and one decimal where it is small."""
    return f"{number:,.0f}" if number == int(number) or number >= 100 else f"{number:,.1f}"


def per_cent(part: float, whole: float) -> str:
    """A dash where there is nothing to have a part of."""
    return f"{100 * part / whole:.1f} %" if whole else NOTHING
