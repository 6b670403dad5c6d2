"""What happens by the clock, and where staff see it."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from celery.schedules import crontab
from django.core.management import call_command
from django.db import connection
from django_celery_beat.models import IntervalSchedule, PeriodicTask, PeriodicTasks

from config.celery import app
from config.jobs import schedule
from config.jobs.apps import write_schedule
from config.jobs.schedule import periodic, sync_schedule

pytestmark = pytest.mark.django_db
TASK = "config.jobs.tasks.resume_abandoned"
REGISTERED = {entry.task for entry in schedule._registered.values()}


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """No entries but a test's own."""
    monkeypatch.setattr(schedule, "_registered", {})
    PeriodicTask.objects.all().delete()


def register(name: str = "Tidy up", **fields: Any) -> None:
    given: dict[str, Any] = {"every": timedelta(minutes=5), "description": "Tidies up."}
    periodic(name, TASK, **(given | fields))


def only_row() -> PeriodicTask:
    return PeriodicTask.objects.get()


def test_an_entry_is_written_as_staff_read_it() -> None:
    register()

    sync_schedule()

    row = only_row()
    assert (row.name, row.task, row.description) == ("Tidy up", TASK, "Tidies up.")
    assert row.enabled
    assert str(row.interval) == "every 5 minutes"
    assert row.crontab is None
    assert json.loads(row.headers) == {"scheduled_by": "gatehouse"}


@pytest.mark.parametrize(
    ("every", "words"),
    [
        (timedelta(seconds=90), "every 90 seconds"),
        (timedelta(minutes=1), "every minute"),
        (timedelta(hours=2), "every 2 hours"),
        (timedelta(days=7), "every 7 days"),
    ],
)
def test_an_interval_is_told_in_its_largest_unit(every: timedelta, words: str) -> None:
    register(every=every)

    sync_schedule()

    assert str(only_row().interval) == words


def test_a_time_of_day_is_utc() -> None:
    register(every=None, crontab=crontab(hour="3", minute="30"))

    sync_schedule()

    row = only_row()
    assert (row.crontab.hour, row.crontab.minute, str(row.crontab.timezone)) == ("3", "30", "UTC")
    assert row.interval is None


def test_writing_it_again_changes_nothing_and_wakes_nobody() -> None:
    register()
    register("Nightly", every=None, crontab=crontab(hour="3", minute="30"))
    sync_schedule()
    before = PeriodicTasks.last_change()
    rows = list(PeriodicTask.objects.order_by("pk").values())

    sync_schedule()

    assert list(PeriodicTask.objects.order_by("pk").values()) == rows
    assert PeriodicTasks.last_change() == before
    assert IntervalSchedule.objects.filter(every=5, period="minutes").count() == 1


def test_what_staff_switched_off_stays_off() -> None:
    register()
    sync_schedule()
    PeriodicTask.objects.update(enabled=False)

    register(every=timedelta(minutes=10), description="Tidies up less often.")
    sync_schedule()

    row = only_row()
    assert not row.enabled
    assert str(row.interval) == "every 10 minutes"
    assert row.description == "Tidies up less often."


def test_an_entry_may_change_from_an_interval_to_a_time() -> None:
    register()
    sync_schedule()

    register(every=None, crontab=crontab(hour="3", minute="30"))
    sync_schedule()

    assert only_row().interval is None
    assert only_row().crontab.hour == "3"


def test_an_entry_that_is_gone_from_the_code_goes_and_those_of_staff_stay() -> None:
    register()
    sync_schedule()
    every = IntervalSchedule.objects.create(every=1, period="days")
    PeriodicTask.objects.create(name="By hand", task=TASK, interval=every)
    schedule._registered.clear()

    sync_schedule()

    assert only_row().name == "By hand"


@pytest.mark.parametrize(
    "fields",
    [
        {"every": None},
        {"crontab": crontab()},
        {"every": timedelta(milliseconds=500)},
        {"every": timedelta(seconds=1, milliseconds=500)},
        {"every": timedelta(0)},
    ],
)
def test_an_entry_says_when_in_one_way(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Tidy up: "):
        register(**fields)


def test_a_name_belongs_to_one_task() -> None:
    register()

    with pytest.raises(ValueError, match="another periodic task"):
        periodic("Tidy up", "x.y", every=timedelta(days=1), description="")


@pytest.mark.django_db(transaction=True)
def test_many_machines_may_write_it_at_once() -> None:
    register()
    register("Other")
    gate = threading.Barrier(4)
    failures: list[BaseException] = []

    def write() -> None:
        try:
            gate.wait(timeout=30)
            sync_schedule()
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert PeriodicTask.objects.count() == 2
    assert IntervalSchedule.objects.filter(every=5, period="minutes").count() == 1


@pytest.mark.django_db(transaction=True)
def test_migrating_writes_it() -> None:
    register()

    call_command("migrate", verbosity=0)

    assert only_row().name == "Tidy up"


def test_migrating_back_before_beats_tables_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    register()
    monkeypatch.setattr(PeriodicTask._meta, "db_table", "not_there_yet")

    write_schedule(using="default")

    monkeypatch.undo()
    assert not PeriodicTask.objects.exists()


def test_every_entry_of_the_service_names_a_task_that_exists() -> None:
    app.loader.import_default_modules()

    assert TASK in REGISTERED
    assert REGISTERED - set(app.tasks) == set()
