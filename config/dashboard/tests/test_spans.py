"""The time that the dashboard is about."""

from datetime import UTC, datetime, timedelta

import pytest

from config.dashboard.span import DAY, HOUR, Span, span_of

NOW = datetime(2026, 11, 26, 9, 41, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "begin", "end", "step"),
    [
        ({}, datetime(2026, 11, 19, 10, tzinfo=UTC), datetime(2026, 11, 26, 10, tzinfo=UTC), HOUR),
        ({"span": "24h"}, datetime(2026, 11, 25, 10, tzinfo=UTC), datetime(2026, 11, 26, 10, tzinfo=UTC), HOUR),
        ({"span": "30d"}, datetime(2026, 10, 28, tzinfo=UTC), datetime(2026, 11, 27, tzinfo=UTC), DAY),
        (
            {"from": "2026-11-01", "to": "2026-11-01"},
            datetime(2026, 11, 1, tzinfo=UTC),
            datetime(2026, 11, 2, tzinfo=UTC),
            HOUR,
        ),
    ],
)  # fmt: skip
def test_a_span_is_chosen_by_name_or_by_days(
    query: dict[str, str], begin: datetime, end: datetime, step: timedelta
) -> None:
    span = span_of(query, now=NOW)
    assert (span.begin, span.end, span.step) == (begin, end, step)
    assert span.buckets[0] == begin
    assert span.buckets[-1] + step == end


@pytest.mark.parametrize(
    "query",
    [
        {"span": "century"},
        {"from": "2026-11-02", "to": "2026-11-01"},
        {"from": "yesterday", "to": "2026-11-01"},
        {"from": "1026-11-02", "to": "2026-11-01"},
        {"from": "0001-01-01", "to": "9999-12-31"},
        {"from": "9999-12-31", "to": "9999-12-31"},
    ],
)
def test_what_is_no_span_is_the_usual_week(query: dict[str, str]) -> None:
    assert span_of(query, now=NOW) == span_of({}, now=NOW)


def test_hours_without_a_count_are_zero() -> None:
    span = Span("", NOW, NOW + 3 * HOUR)
    assert span.filled({NOW + HOUR: 4}) == [0, 4, 0]
