"""Months, the unit in which the trail is kept."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from audit.months import Month


def test_a_moment_lies_in_the_month_that_it_is_in_utc() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    assert Month.of(datetime(2026, 1, 1, 5, 29, tzinfo=india)) == Month(2025, 12)
    assert Month.of(datetime(2026, 1, 1, 5, 30, tzinfo=india)) == Month(2026, 1)


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        (0, Month(2026, 11)),
        (1, Month(2026, 12)),
        (2, Month(2027, 1)),
        (-11, Month(2025, 12)),
        (26, Month(2029, 1)),
    ],
)
def test_months_are_counted_across_years(months: int, expected: Month) -> None:
    assert Month(2026, 11).plus(months) == expected


def test_a_month_and_its_partition_name_one_another() -> None:
    assert Month(2026, 3).partition == "audit_authevent_y2026m03"
    assert Month.of_partition("audit_authevent_y2026m03") == Month(2026, 3)
    assert Month.of_partition("audit_authevent_default") is None
    assert str(Month(2026, 3)) == "2026-03"
    assert Month(2026, 3).start == datetime(2026, 3, 1, tzinfo=UTC)
