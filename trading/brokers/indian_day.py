"""The Indian exchanges' day, by which brokers' sessions end. Weekends and holidays are days like any other here."""

from datetime import UTC, datetime, timedelta, timezone

IST = timezone(timedelta(hours=5, minutes=30), "IST")


def session_end(*, login_time: datetime | None, now: datetime) -> datetime:
    """When the session of a login ends at the latest: the next 06:00 in India, in UTC.

    The broker's clock decides, unless what it says lies in the past or more than a day ahead.
    """
    if login_time is not None:
        end = _next_six_o_clock(login_time)
        if now < end <= now + timedelta(hours=25):
            return end
    return _next_six_o_clock(now)


def _next_six_o_clock(instant: datetime) -> datetime:
    local = instant.astimezone(IST)
    six = local.replace(hour=6, minute=0, second=0, microsecond=0)
    return (six if local < six else six + timedelta(days=1)).astimezone(UTC)
