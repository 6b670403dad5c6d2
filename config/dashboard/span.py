"""The time that the dashboard is about, cut into hours or days."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
USUAL = {"24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY, "90d": 90 * DAY}
DEFAULT = "7d"
EARLIEST, LATEST = date(2000, 1, 1), date(2200, 1, 1)
HOURS_UP_TO, LONGEST = 8 * DAY, 366 * DAY  # hours of a longer span would be too thin to see


@dataclass(frozen=True)
class Span:
    """From `begin` on and before `end`. `name` is one of USUAL, or empty where the days were chosen."""

    name: str
    begin: datetime
    end: datetime
    grain: timedelta | None = None

    @property
    def step(self) -> timedelta:
        if self.grain is not None:
            return self.grain
        return HOUR if self.end - self.begin <= HOURS_UP_TO else DAY

    @cached_property
    def buckets(self) -> list[datetime]:
        """The first moment of each hour or day."""
        number = -(-(self.end - self.begin) // self.step)
        return [self.begin + self.step * index for index in range(number)]

    def daily(self) -> "Span":
        """The same time by days, if it has several."""
        return replace(self, grain=DAY) if self.end - self.begin > 2 * DAY else self

    @property
    def seconds(self) -> float:
        return (self.end - self.begin).total_seconds()

    def filled(self, counts: Mapping[datetime, int]) -> list[int]:
        """A number for every bucket: 0 where there is none."""
        return [counts.get(bucket, 0) for bucket in self.buckets]

    def query(self, field: str) -> dict[str, str]:
        """How a list of the console is narrowed to it, by a filter on `field`."""
        return {f"{field}__gte": str(self.begin), f"{field}__lt": str(self.end)}


def span_of(query: Mapping[str, str], *, now: datetime) -> Span:
    """What `?span=` names, or the days `?from=` to `?to=`, both included (UTC). Anything else is the usual week."""
    first, last = _day(query.get("from", "")), _day(query.get("to", ""))
    if (
        first
        and last
        and first <= last
        and datetime.combine(last, time(), UTC) - _start(first) < LONGEST
    ):
        return Span("", _start(first), _start(last) + DAY)
    name = query.get("span", "")
    name = name if name in USUAL else DEFAULT
    end = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + HOUR
    if USUAL[name] > HOURS_UP_TO:
        end = end.replace(hour=0) + DAY
    return Span(name, end - USUAL[name], end)


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST < day < LATEST else None
