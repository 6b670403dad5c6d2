"""The console's page of what runs by the clock."""

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.tests.console.conftest import AtConsole
from audit.models import AuthEvent
from config.jobs.schedule import sync_schedule
from config.jobs.scheduled import ScheduledJob, ScheduledRun

pytestmark = pytest.mark.django_db
LIST = reverse("admin:jobs_scheduledjob_changelist")
HARMLESS, FOR_GOOD = "Resume abandoned jobs", "Drop expired audit partitions"


@pytest.fixture(autouse=True)
def schedule(db: None) -> None:
    sync_schedule()


def address(name: str, what: str = "change") -> str:
    return reverse(f"admin:jobs_scheduledjob_{what}", args=[ScheduledJob.objects.get(name=name).pk])


def test_the_list_tells_of_every_entry_at_the_same_cost(at_console: AtConsole) -> None:
    browser = at_console("support")

    def cost() -> int:
        browser.get(LIST)
        with CaptureQueriesContext(connection) as captured:
            page = browser.get(LIST).content.decode()
        assert HARMLESS in page
        assert FOR_GOOD in page
        return len(captured)

    few = cost()
    for name in (HARMLESS, FOR_GOOD):
        ScheduledRun.objects.create(name=name)
    assert cost() == few


def test_an_entry_says_what_it_is_for_in_the_readers_language(at_console: AtConsole) -> None:
    browser = at_console("admin")
    said = "Sends again the jobs that the broker lost and those whose worker died."
    page = browser.get(address(HARMLESS)).content.decode()
    assert said in page
    assert "Periodic Task" not in page  # the library's hints for whoever could change it
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "hi"
    for what in ("change", "run_now"):
        page = browser.get(address(HARMLESS, what)).content.decode()
        assert said not in page
        assert HARMLESS not in page.partition("<main")[2]


def test_an_entry_is_run_by_hand_once_it_is_confirmed(at_console: AtConsole) -> None:
    browser = at_console("admin")
    run = address(HARMLESS, "run_now")
    assert "It runs once more" in browser.get(run).content.decode()
    assert not ScheduledRun.objects.exists()
    page = browser.post(run, follow=True).content.decode()
    assert "It is sent to the workers." in page
    assert "by hand" in page
    made = ScheduledRun.objects.get()
    assert (made.name, made.by_hand, made.outcome) == (HARMLESS, True, "succeeded")
    row = AuthEvent.objects.get(event_type="console.job_run")
    assert row.metadata == {"job": HARMLESS}
    assert row.actor_type == "user"


def test_what_deletes_for_good_is_not_run_by_hand(at_console: AtConsole) -> None:
    page = at_console("admin").post(address(FOR_GOOD, "run_now"), follow=True).content.decode()
    assert "deletes for good" in page or "It is not run by hand" in page
    assert not ScheduledRun.objects.exists()
    assert not AuthEvent.objects.filter(event_type="console.job_run").exists()


def test_who_only_reads_runs_nothing(at_console: AtConsole) -> None:
    browser = at_console("support")
    assert browser.get(address(HARMLESS)).status_code == 200
    assert browser.post(address(HARMLESS, "run_now")).status_code == 403
    assert not ScheduledRun.objects.exists()


def test_an_address_of_nothing_is_not_found(at_console: AtConsole) -> None:
    assert at_console("admin").get(f"{LIST}nothing/run-now").status_code in {302, 404}
