"""`between_times weekday_in`: an RFC 3339 time as a clock and a calendar in some zone show it."""

import re
from datetime import datetime, time
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from authz.engine import values
from authz.engine.errors import flawed
from authz.engine.operators.base import Check, Operator, items, members
from authz.engine.outcomes import Outcome, Unknown

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOCK_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?")


def _between_times(operand: Any, where: str) -> Check:
    """From `from` up to but not including `to`; over midnight when `to` is the earlier one."""
    given = members(operand, where, allowed=frozenset({"from", "to", "timezone"}))
    start, end = (_clock_time(given[name], f"{where}.{name}") for name in ("from", "to"))
    if start == end:
        raise flawed(f"{where}.to", "range", "Nothing lies between a time and itself.")
    zone = _zone(given["timezone"], f"{where}.timezone")

    def check(value: Any) -> Outcome:
        local = _local(value, zone)
        if local is None:
            return Unknown.WRONG_TYPE
        if start < end:
            return start <= local.time() < end
        return local.time() >= start or local.time() < end

    return check


def _weekday_in(operand: Any, where: str) -> Check:
    given = members(operand, where, allowed=frozenset({"days", "timezone"}))
    days = items(given["days"], f"{where}.days")
    for index, day in enumerate(days):
        if day not in WEEKDAYS:
            raise flawed(f"{where}.days.{index}", "unknown", f"One of {', '.join(WEEKDAYS)}.")
    zone = _zone(given["timezone"], f"{where}.timezone")

    def check(value: Any) -> Outcome:
        local = _local(value, zone)
        return Unknown.WRONG_TYPE if local is None else WEEKDAYS[local.weekday()] in days

    return check


def _clock_time(operand: Any, where: str) -> time:
    if not isinstance(operand, str) or not CLOCK_TIME.fullmatch(operand):
        raise flawed(where, "syntax", "A time of day is written 09:15 or 09:15:00.")
    return time.fromisoformat(operand)


def _zone(operand: Any, where: str) -> ZoneInfo:
    if not isinstance(operand, str) or operand not in _zones():
        raise flawed(where, "unknown", "Not a zone of the IANA database, such as Asia/Kolkata.")
    return ZoneInfo(operand)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _local(value: Any, zone: ZoneInfo) -> datetime | None:
    moment = values.moment(value)
    if moment is None:
        return None
    try:
        return moment.astimezone(zone)
    except OverflowError:  # at the ends of the calendar
        return None


BETWEEN_TIMES = Operator(_between_times)
WEEKDAY_IN = Operator(_weekday_in)
