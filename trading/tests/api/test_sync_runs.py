"""Which syncs there were, one at a time for an account, and what they changed."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from events.domain import DomainEvent
from trading.errors import SyncUnderWayError
from trading.events import AccountDegraded, AccountRecovered, ProfileSynced, SyncRequested
from trading.models import AccountStatus, SyncOutcome, SyncRun, SyncTrigger, TradingAccount
from trading.services import sync, sync_runs
from trading.tests.conftest import TraderFactory
from trading.tests.factories import MembershipFactory, active_account
from trading.tests.syncing import last_run, sync_now

pytestmark = pytest.mark.django_db


def test_a_sync_is_told_with_what_it_changed(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    job = sync_now(someone, account)
    told = last_run(someone, account)
    assert told["trading_account_id"] == account.public_id
    assert (told["trigger"], told["outcome"], told["reason"]) == ("request", "succeeded", "")
    assert (told["changed"], told["advice"]) == (["margins"], "")
    assert told["duration"] > 0
    assert job.result is not None


def test_only_a_change_is_an_event(trader: TraderFactory, heard: list[DomainEvent]) -> None:
    someone = trader()
    account = someone.linked()
    for _ in range(2):
        sync_now(someone, account)
    TradingAccount.objects.filter(pk=account.pk).update(
        profile=account.profile | {"name": "Another", "exchanges": []}
    )
    sync_now(someone, account)
    told = [event.changed for event in heard if isinstance(event, ProfileSynced)]
    assert told == [("margins",), ("name", "exchanges")]


def test_going_down_and_coming_back_are_told_once_each(
    trader: TraderFactory, heard: list[DomainEvent], environment: Any
) -> None:
    someone = trader()
    account = someone.linked()
    environment(circuit_failures=100)
    someone.control.queue_fault("GET /user/profile", "gateway_down", times=6)
    for _ in range(4):
        sync_now(someone, account)
        account.refresh_from_db()
    changes = [e for e in heard if isinstance(e, AccountDegraded | AccountRecovered)]
    assert [type(event) for event in changes] == [AccountDegraded, AccountRecovered]
    assert all(f"trading_account:{account.public_id}" in event.touches for event in changes)


def test_who_asked_is_told(trader: TraderFactory, heard: list[DomainEvent]) -> None:
    someone = trader()
    account = someone.linked()
    job = sync_now(someone, account)
    (asked,) = [event for event in heard if isinstance(event, SyncRequested)]
    assert (asked.job_id, asked.owner_id) == (job.public_id, someone.user.public_id)


def test_a_second_sync_at_the_same_time_is_told_so_and_asks_nobody(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    sync_runs.begin(account_id=account.pk, trigger=SyncTrigger.SCHEDULE)
    someone.control.clear_journal()
    answer = someone.api.post(f"/v1/trading-accounts/{account.public_id}/sync")
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (409, "sync-under-way")
    with pytest.raises(SyncUnderWayError):
        sync.refresh(account_id=account.pk)
    assert someone.control.journal() == []


def test_the_sync_of_a_dead_worker_makes_way(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    dead = sync_runs.begin(account_id=account.pk, trigger=SyncTrigger.SCHEDULE)
    SyncRun.objects.filter(pk=dead.pk).update(lease_expires_at=timezone.now())
    sync_now(someone, account)
    dead.refresh_from_db()
    assert dead.outcome == SyncOutcome.ABANDONED
    assert last_run(someone, account)["outcome"] == "succeeded"


def test_a_worker_that_was_taken_for_dead_keeps_nothing(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    slow = sync_runs.begin(account_id=account.pk, trigger=SyncTrigger.SCHEDULE)
    SyncRun.objects.filter(pk=slow.pk).update(lease_expires_at=timezone.now())
    sync_runs.end_lapsed()
    with pytest.raises(SyncUnderWayError):
        sync.perform(slow)
    account.refresh_from_db()
    slow.refresh_from_db()
    assert (account.last_synced_at, account.margins) == (None, [])
    assert slow.outcome == SyncOutcome.ABANDONED


def test_runs_come_in_pages_for_whoever_may_read_the_account(api: Any) -> None:
    guest = MembershipFactory.create(account=active_account())
    for _ in range(3):
        run = sync_runs.begin(account_id=guest.account.pk, trigger=SyncTrigger.SCHEDULE)
        sync_runs.end(run, SyncOutcome.UNAVAILABLE, reason="ReadTimeout")
    url = f"/v1/trading-accounts/{guest.account.public_id}/sync-runs"
    first = api(guest.user).get(url, {"limit": 2}).json()
    second = api(guest.user).get(url, {"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [len(page["results"]) for page in (first, second)] == [2, 1]
    assert second["next_cursor"] is None
    assert first["results"][0]["reason"] == "ReadTimeout"


def test_what_is_old_is_forgotten(environment: Any) -> None:
    account = active_account()
    environment(sync_runs_retention=86_400)
    with time_machine.travel(timezone.now() - timedelta(days=2)):
        sync_runs.end(
            sync_runs.begin(account_id=account.pk, trigger=SyncTrigger.SCHEDULE),
            SyncOutcome.UNAVAILABLE,
        )
    kept = sync_runs.begin(account_id=account.pk, trigger=SyncTrigger.SCHEDULE)
    assert sync_runs.forget_old() == 1
    assert SyncRun.objects.get() == kept


@pytest.mark.usefixtures("simulator")
def test_a_degraded_account_still_hands_out_its_credentials(api: Any) -> None:
    account = active_account()
    TradingAccount.objects.filter(pk=account.pk).update(status=AccountStatus.DEGRADED)
    service = api(service="orders", scopes={"credentials:read"}, bound=True)
    url = f"/v1/internal/trading-accounts/{account.public_id}/credentials"
    assert service.post(url).status_code == 200
    question = {"user_id": account.owner.public_id, "action": "trade:place_order"}
    asker = api(service="orders", scopes={"authz:check"})
    check = asker.get(f"/v1/trading-accounts/{account.public_id}/permissions/check", question)
    assert check.json()["decision"] == "allow"
