"""Runs of the schedule are written down: when, how long, how they ended."""

from datetime import timedelta
from typing import Any

import pytest
from celery import shared_task
from celery.schedules import crontab
from django.db import IntegrityError
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, IntervalSchedule

from config.jobs import retention, run_log
from config.jobs.scheduled import RunOutcome, ScheduledJob, ScheduledRun

pytestmark = pytest.mark.django_db


@shared_task(name="jobs.tests.by_the_clock")
def by_the_clock(fail: bool = False) -> None:
    run = ScheduledRun.objects.first()
    if run is not None:
        assert run.outcome == RunOutcome.RUNNING
    if fail:
        raise RuntimeError("trouble")


def send(**headers: Any) -> None:
    by_the_clock.apply(headers=headers)


def test_what_beat_sends_is_written_down() -> None:
    send(**{run_log.NAME: "Water the plants"})
    run = ScheduledRun.objects.get()
    assert (run.name, run.outcome, run.by_hand) == ("Water the plants", "succeeded", False)
    assert run.duration is not None
    assert timedelta() <= run.duration < timedelta(minutes=1)


def test_a_run_that_breaks_has_failed(settings: Any) -> None:
    settings.CELERY_TASK_EAGER_PROPAGATES = False
    by_the_clock.apply(
        kwargs={"fail": True}, headers={run_log.NAME: "Water the plants"}, throw=False
    )
    assert ScheduledRun.objects.get().outcome == RunOutcome.FAILED


def test_what_nobody_scheduled_is_not() -> None:
    send()
    assert not ScheduledRun.objects.exists()


def test_the_newest_run_is_told_with_the_entry() -> None:
    minute, _ = IntervalSchedule.objects.get_or_create(every=1, period=IntervalSchedule.MINUTES)
    ScheduledJob.objects.create(name="Water the plants", task="x", interval=minute)
    entry = ScheduledJob.objects.with_last_run().get(name="Water the plants")
    assert entry.last_started is None
    send(**{run_log.NAME: "Water the plants"})
    send(**{run_log.NAME: "Water the plants", run_log.BY_HAND: True})
    entry = ScheduledJob.objects.with_last_run().get(name="Water the plants")
    assert (entry.last_outcome, entry.last_started) == (
        "succeeded",
        ScheduledRun.objects.latest("id").started_at,
    )
    now = timezone.now()
    following = entry.next_run(after=entry.last_started, now=now)
    assert now < following <= now + timedelta(minutes=1)
    entry.enabled = False
    assert entry.next_run(after=None, now=now) is None


def test_an_entry_at_a_time_of_day_runs_next_at_that_time() -> None:
    times = CrontabSchedule.from_schedule(crontab(hour="3", minute="15"))
    times.save()
    entry = ScheduledJob.objects.create(name="Water the plants", task="x", crontab=times)
    now = timezone.now()
    following = entry.next_run(after=None, now=now)
    assert following is not None
    assert abs(following - following.replace(hour=3, minute=15, second=0)) < timedelta(minutes=1)


def test_a_row_says_that_it_ended_and_when_or_neither() -> None:
    with pytest.raises(IntegrityError):
        ScheduledRun.objects.create(name="x", outcome=RunOutcome.SUCCEEDED)


def test_old_runs_are_forgotten(environment: Any) -> None:
    environment(scheduled_run_retention=3600)
    old = timezone.now() - timedelta(hours=2)
    ScheduledRun.objects.create(name="old", started_at=old)
    ScheduledRun.objects.create(name="new")
    retention.forget_run_out()
    assert [run.name for run in ScheduledRun.objects.all()] == ["new"]
