"""Times, as a person's own clock shows them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format

from accounts.models import User


def on_the_clock_of(user: User, moment: datetime) -> str:
    """Such as "25 November 2026, 23:48 (Asia/Kolkata)", in the language that is active."""
    local = moment.astimezone(ZoneInfo(user.timezone))
    return f"{date_format(local, 'j F Y, H:i')} ({user.timezone})"
