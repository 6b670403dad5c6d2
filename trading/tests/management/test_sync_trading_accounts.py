"""`manage.py sync_trading_accounts`"""

import json
import os
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from config.jobs.models import Job
from events.tests.processes import database_url_of_the_tests
from tests.waiting import wait_until
from trading import tasks
from trading.models import AccountStatus, SyncOutcome, SyncRun
from trading.simulator.faults import Fault
from trading.tests.conftest import TraderFactory
from trading.tests.factories import active_account
from trading.tests.syncing import last_run, sync_now

COMMAND = "sync_trading_accounts"

pytestmark = pytest.mark.usefixtures("shipped_policies")


def call(*arguments: str) -> Any:
    out = StringIO()
    call_command(COMMAND, *arguments, "--json", stdout=out, stderr=StringIO())
    return json.loads(out.getvalue())


@pytest.fixture
def working(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker, which does in the command's pauses what it would do elsewhere."""

    def work(_: float) -> None:
        job = Job.objects.get()
        tasks.sync_accounts(job_id=job.public_id, **job.arguments)

    monkeypatch.setattr("time.sleep", work)


@pytest.mark.django_db
def test_a_dry_run_asks_nobody(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    someone.control.clear_journal()
    assert call("--dry-run") == {"dry_run": True, "accounts": 1}
    assert call("--dry-run", "--account", account.public_id)["accounts"] == 1
    assert someone.control.journal() == []
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_the_accounts_that_are_named_are_synced_here(trader: TraderFactory) -> None:
    account = trader().linked()
    assert call("--account", account.public_id) == {
        "dry_run": False,
        "outcomes": {"succeeded": 1},
    }
    account.refresh_from_db()
    assert account.last_synced_at is not None


@pytest.mark.django_db
def test_an_account_that_is_not_in_step_is_an_exit_code(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    someone.control.end_sessions()
    with pytest.raises(CommandError, match="1 accounts are not in step") as error:
        call("--account", account.public_id)
    assert error.value.returncode == 1


@pytest.mark.django_db
def test_an_account_that_there_is_not_is_another() -> None:
    with pytest.raises(CommandError, match="no account") as error:
        call("--account", "acc_nobody")
    assert error.value.returncode == 2


@pytest.mark.django_db
@pytest.mark.usefixtures("working")
def test_all_of_them_are_a_job_that_it_watches(trader: TraderFactory) -> None:
    for _ in range(2):
        trader().linked()
    assert call() == {"dry_run": False, "outcomes": {"succeeded": 2}}


@pytest.mark.django_db
def test_a_job_that_takes_too_long_goes_on() -> None:
    active_account()
    with pytest.raises(CommandError, match=r"job_\w+ goes on"):
        call("--timeout", "0")


@pytest.mark.django_db(transaction=True)
def test_a_process_that_is_killed_in_mid_sync_loses_nothing(
    trader: TraderFactory, simulator: Any
) -> None:
    someone = trader()
    account = someone.linked()
    someone.control.clear_journal()
    someone.control.queue_fault("GET /user/margins", Fault(delay=30))
    process = subprocess.Popen(
        [sys.executable, "manage.py", COMMAND, "--account", account.public_id],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {
            "DATABASE_URL": database_url_of_the_tests(),
            "KITE_API_URL": simulator.url,
            "BROKER_READ_TIMEOUT": "30",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    wait_until(lambda: someone.control.journal(path="/user/margins"), "it asks for the margins")
    process.kill()
    process.communicate()
    account.refresh_from_db()
    assert (account.status, account.last_synced_at) == (AccountStatus.ACTIVE, None)
    later = timezone.now() + timedelta(minutes=5)
    with time_machine.travel(later, tick=True):
        tasks.relieve_syncs()
        assert SyncRun.objects.get().outcome == SyncOutcome.ABANDONED
        assert "tried again" in last_run(someone, account)["advice"]
        sync_now(someone, account)
    assert account.last_synced_at is not None
