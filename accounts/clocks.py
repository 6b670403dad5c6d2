"""Times as people say them: a moment by their own clock, and how long something is good."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.timesince import timesince

from accounts.models import User

SOME_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def on_the_clock_of(user: User, moment: datetime) -> str:
    """Such as "25 November 2026, 23:48 (Asia/Kolkata)", in the language that is active."""
    local = moment.astimezone(ZoneInfo(user.timezone))
    return f"{date_format(local, 'j F Y, H:i')} ({user.timezone})"


def span_in_words(seconds: int) -> str:
    """Such as "1 day" or "30 minutes", in the language that is active."""
    return timesince(SOME_MOMENT, SOME_MOMENT + timedelta(seconds=seconds))
