"""`Retry-After`, whatever others write into it."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from config.http.retry_after import seconds_to_wait


@pytest.mark.parametrize(
    ("header", "seconds"), [("0", 0), ("120", 120), (" 7 ", 7), ("9" * 400, 999_999_999)]
)
def test_seconds(header: str, seconds: float) -> None:
    assert seconds_to_wait(header) == seconds


@pytest.mark.parametrize("usegmt", [True, False])
def test_a_date_is_as_far_as_it_is_away(usegmt: bool) -> None:
    moment = datetime.now(UTC) + timedelta(seconds=600)
    assert 598 < (seconds_to_wait(format_datetime(moment, usegmt=usegmt)) or 0) <= 600


def test_a_date_that_has_passed_wants_no_waiting() -> None:
    assert seconds_to_wait("Mon, 01 Jan 2024 00:00:00 GMT") == 0


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "soon",
        "-1",
        "1.5",
        "\N{ARABIC-INDIC DIGIT THREE}",
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Mon, 01 Jan 2024 00:00:00 +9999999999999999",
        "Mon, 01 Jan 2024 99999999999999:00:00 GMT",
    ],
)
def test_what_is_neither_says_nothing(header: str | None) -> None:
    assert seconds_to_wait(header) is None
