"""A sync of every account: one job, shared by many, never twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from config.jobs.models import Job, JobState
from config.jobs.tests.factories import running
from events.domain import DomainEvent
from tests.racing import at_once
from trading import tasks
from trading.brokers import circuit
from trading.errors import SyncUnderWayError
from trading.events import BulkSyncRequested
from trading.models import SyncOutcome, SyncRun, SyncTrigger, TradingAccount
from trading.services import bulk_sync, sync, sync_runs
from trading.tests.conftest import TraderFactory
from trading.tests.factories import TradingAccountFactory, active_account

pytestmark = pytest.mark.django_db

URL = "/v1/admin/trading-accounts/sync-profiles"


def staff(api: Any, *scopes: str) -> Any:
    return api(UserFactory.create(), scopes=scopes)


def carry_out(job: Job) -> Job:
    """What the worker does that gets the job; the hands that it sends do their work on the spot."""
    tasks.sync_accounts(job_id=job.public_id, **job.arguments)
    job.refresh_from_db()
    return job


def test_staff_sync_every_account_that_has_a_session(trader: TraderFactory, api: Any) -> None:
    accounts = [trader().linked() for _ in range(3)]
    TradingAccountFactory.create()
    operator = staff(api, "trading:sync")
    answer = operator.post(URL)
    assert answer.status_code == 202
    job = carry_out(Job.objects.get())
    shown = operator.get(f"/v1/jobs/{job.public_id}").json()
    assert (shown["state"], shown["done"], shown["total"]) == ("succeeded", 3, 3)
    assert shown["result"] == {"accounts": 3, "outcomes": {"succeeded": 3}}
    assert all(TradingAccount.objects.get(pk=one.pk).last_synced_at for one in accounts)


def test_it_takes_the_scope(api: Any) -> None:
    assert staff(api, "trading:read").post(URL).status_code == 403
    assert api(UserFactory.create()).post(URL).status_code == 403
    assert api().post(URL).status_code == 401
    assert not Job.objects.exists()


def test_a_second_one_is_the_first_and_does_nothing_twice(
    trader: TraderFactory, api: Any, heard: list[DomainEvent]
) -> None:
    someone = trader()
    someone.linked()
    someone.control.clear_journal()
    ids = [staff(api, "trading:sync").post(URL).json()["id"] for _ in range(2)]
    assert ids[0] == ids[1]
    asked = [event.joined for event in heard if isinstance(event, BulkSyncRequested)]
    assert asked == [False, True]
    carry_out(Job.objects.get())
    assert len(someone.control.journal(path="/user/profile")) == 1
    tasks.help_sync(job_id=ids[0])  # a hand that comes too late
    assert len(someone.control.journal(path="/user/profile")) == 1


def test_one_account_in_trouble_keeps_no_other_waiting(trader: TraderFactory) -> None:
    first, second = trader(), trader()
    first.linked()
    second.linked()
    first.control.end_sessions(api_key=first.app.api_key)
    job = carry_out(bulk_sync.start(owner=None, trigger=SyncTrigger.COMMAND).job)
    assert job.result == {"accounts": 2, "outcomes": {"session_ended": 1, "succeeded": 1}}


def test_an_account_that_somebody_else_is_syncing_is_left_to_them(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    sync_runs.begin(account_id=account.pk, trigger=SyncTrigger.REQUEST)
    someone.control.clear_journal()
    job = carry_out(bulk_sync.start(owner=None, trigger=SyncTrigger.COMMAND).job)
    assert job.result == {"accounts": 1, "outcomes": {"skipped": 1}}
    assert someone.control.journal() == []


def test_what_a_dead_worker_had_in_hand_is_done_by_another(trader: TraderFactory) -> None:
    someone, other = trader(), trader()
    someone.linked()
    other.linked()
    job = running(kind=bulk_sync.KIND, arguments={"trigger": "command", "spread": 0})
    bulk_sync._plan(job.public_id, SyncTrigger.COMMAND, 0)
    dead = sync_runs.claim(job.pk)
    assert dead is not None
    SyncRun.objects.filter(pk=dead.pk).update(lease_expires_at=timezone.now())
    assert tasks.relieve_syncs() == 1
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == (JobState.SUCCEEDED, 2, 2)
    dead.refresh_from_db()
    assert dead.outcome == SyncOutcome.ABANDONED
    assert not TradingAccount.objects.filter(last_synced_at=None).exists()
    with pytest.raises(SyncUnderWayError):
        sync.perform(dead)  # it was not dead, and comes too late


def test_a_broker_that_stops_answering_is_waited_for(
    trader: TraderFactory, environment: Any
) -> None:
    someone, other = trader(), trader()
    someone.linked()
    other.linked()
    environment(circuit_failures=3)
    someone.control.queue_fault("GET /user/profile", "gateway_down", times=3)
    job = carry_out(bulk_sync.start(owner=None, trigger=SyncTrigger.COMMAND).job)
    assert (job.state, job.done, job.total) == (JobState.RUNNING, 1, 2)
    assert SyncRun.objects.queued().exists()
    circuit.forget("kite")
    tasks.relieve_syncs()
    job.refresh_from_db()
    assert job.result == {"accounts": 2, "outcomes": {"unavailable": 1, "succeeded": 1}}


def test_by_the_clock_it_is_spread(environment: Any) -> None:
    for _ in range(5):
        active_account()
    environment(sync_spread=3600, bulk_sync_hands=1)
    tasks.sync_accounts_by_the_clock()
    job = Job.objects.get()
    Job.objects.filter(pk=job.pk).update(
        state=JobState.RUNNING, started_at=timezone.now(), lease_expires_at=timezone.now()
    )
    bulk_sync._plan(job.public_id, SyncTrigger.SCHEDULE, 3600)
    later = SyncRun.objects.queued().filter(due_at__gt=timezone.now() + timedelta(seconds=1))
    assert later.exists()
    bulk_sync.start(owner=None, trigger=SyncTrigger.STAFF)  # somebody wants it now
    assert not later.exists()


def test_with_no_account_it_is_done_at_once() -> None:
    job = carry_out(bulk_sync.start(owner=None, trigger=SyncTrigger.COMMAND).job)
    assert (job.state, job.result) == (JobState.SUCCEEDED, {"accounts": 0, "outcomes": {}})


@pytest.mark.django_db(transaction=True)
def test_of_many_hands_each_gets_another_account(shipped_policies: None) -> None:
    accounts = [active_account() for _ in range(3)]
    job = running(kind=bulk_sync.KIND)
    bulk_sync._plan(job.public_id, SyncTrigger.COMMAND, 0)
    claimed = [run.account_id for run in at_once(*[lambda: sync_runs.claim(job.pk)] * 6) if run]
    assert sorted(claimed) == sorted(account.pk for account in accounts)


@pytest.mark.django_db(transaction=True)
def test_of_many_syncs_of_one_account_at_once_one_begins(shipped_policies: None) -> None:
    account = active_account()
    begun = at_once(
        *[lambda: sync_runs.begin(account_id=account.pk, trigger=SyncTrigger.REQUEST)] * 6
    )
    assert sum(isinstance(one, SyncRun) for one in begun) == 1
    assert sum(isinstance(one, SyncUnderWayError) for one in begun) == 5
