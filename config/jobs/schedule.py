"""What the service does by the clock: registered by each app, written where beat and staff can see it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from celery.schedules import crontab as Crontab  # noqa: N812 - it is a class
from django.db import transaction
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from config.locking import alone

# Marks the rows that are ours to change and to delete; beat sends it along with the message.
HEADERS = json.dumps({"scheduled_by": "gatehouse"})

UNITS = (
    (86_400, IntervalSchedule.DAYS),
    (3_600, IntervalSchedule.HOURS),
    (60, IntervalSchedule.MINUTES),
    (1, IntervalSchedule.SECONDS),
)


@dataclass(frozen=True, kw_only=True)
class Periodic:
    """One entry. Exactly one of `every` and `crontab` is set; a crontab's times are UTC."""

    name: str
    task: str
    every: timedelta | None
    crontab: Crontab | None
    description: str
    by_hand: bool = True


_registered: dict[str, Periodic] = {}


def periodic(
    name: str,
    task: str,
    *,
    every: timedelta | None = None,
    crontab: Crontab | None = None,
    description: str,
    by_hand: bool = True,
) -> None:
    """Have `task` (its full name) run `every` so long, or at the times of `crontab` (UTC).

    Called from an app's `ready()`. `name` and `description` are what staff read; `by_hand` says whether they may have
    it run at another time: not what deletes for good. Raises ValueError unless exactly
    one of `every`, in whole seconds, and `crontab` is given, and for a name that another task has.
    """
    if (every is None) == (crontab is None):
        raise ValueError(f"{name}: give either every or crontab")
    if every is not None and (every < timedelta(seconds=1) or every.microseconds):
        raise ValueError(f"{name}: every is whole seconds")
    entry = Periodic(
        name=name,
        task=task,
        every=every,
        crontab=crontab,
        description=description,
        by_hand=by_hand,
    )
    if _registered.setdefault(name, entry).task != task:
        raise ValueError(f"{name} is the name of another periodic task")
    _registered[name] = entry


def registered() -> Mapping[str, Periodic]:
    """All entries, by name."""
    return dict(_registered)


def sync_schedule() -> None:
    """Write every registered entry to beat's tables, and delete those that are registered no more.

    What staff switched off stays off, and rows that staff made are left alone. Safe to run on many machines at
    once; changes nothing, and so makes beat reload nothing, when all is as it should be.
    """
    with transaction.atomic():
        alone("jobs.schedule")
        for entry in _registered.values():
            _write(entry)
        for stale in PeriodicTask.objects.filter(headers=HEADERS).exclude(name__in=_registered):
            stale.delete()


def _write(entry: Periodic) -> None:
    wanted: dict[str, Any] = {
        "task": entry.task,
        "interval": _interval(entry.every) if entry.every else None,
        "crontab": _crontab(entry.crontab) if entry.crontab else None,
        "description": entry.description,
        "headers": HEADERS,
    }
    row = PeriodicTask.objects.filter(name=entry.name).first()
    if row is None:
        PeriodicTask.objects.create(name=entry.name, **wanted)
    elif _differs(row, wanted):
        for field, value in wanted.items():
            setattr(row, field, value)
        row.save()


def _differs(row: PeriodicTask, wanted: Mapping[str, Any]) -> bool:
    return any(getattr(row, field) != value for field, value in wanted.items())


def _interval(every: timedelta) -> IntervalSchedule:
    """The row in the largest unit that divides `every`, so that staff read "every 5 minutes"."""
    seconds = int(every.total_seconds())
    length, period = next(unit for unit in UNITS if seconds % unit[0] == 0)
    wanted = {"every": seconds // length, "period": period}
    # The table does not forbid a second row of the same.
    existing = IntervalSchedule.objects.filter(**wanted).order_by("pk").first()
    return existing or IntervalSchedule.objects.create(**wanted)


def _crontab(times: Crontab) -> CrontabSchedule:
    schedule = CrontabSchedule.from_schedule(times)
    if schedule.pk is None:
        schedule.save()
    return schedule
