"""`Retry-After` as others say it to us (RFC 9110 section 10.2.3)."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_NUMBER = 9  # digits that are read: thirty years


def seconds_to_wait(header: str | None) -> float | None:
    """How many seconds it says, or are left until the date that it says; None for what is neither."""
    text = (header or "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:LONGEST_NUMBER])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # the latter for a year or a zone of twenty digits
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
