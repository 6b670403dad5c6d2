"""The simulator's own time, so that six o'clock can come when a test wants it."""

from datetime import UTC, datetime, timedelta, timezone

IST = timezone(timedelta(hours=5, minutes=30), "IST")


class Clock:
    """The machine's time until it is set; then it runs on from there, or stands still."""

    def __init__(self) -> None:
        self._ahead = timedelta(0)
        self._stopped_at: datetime | None = None

    def now(self) -> datetime:
        """Aware, in UTC."""
        return self._stopped_at or datetime.now(UTC) + self._ahead

    def set(self, instant: datetime, *, stopped: bool = False) -> None:
        """`instant` must be aware. `stopped` keeps the clock there until it is set again."""
        self._ahead = instant - datetime.now(UTC)
        self._stopped_at = instant.astimezone(UTC) if stopped else None

    def reset(self) -> None:
        self._ahead, self._stopped_at = timedelta(0), None


def next_six_o_clock(instant: datetime) -> datetime:
    """The first 06:00 in India after `instant`: when the sessions of a trading day end."""
    local = instant.astimezone(IST)
    six = local.replace(hour=6, minute=0, second=0, microsecond=0)
    return six if local < six else six + timedelta(days=1)
