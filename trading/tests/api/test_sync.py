"""Profile and margins, now."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.tests.factories import UserFactory
from config.jobs.models import Job, JobState
from trading.models import AccountStatus, BrokerSession, SessionEnd, TradingAccount
from trading.services import reauthentication, sync
from trading.tests.conftest import TraderFactory
from trading.tests.factories import (
    CredentialVersionFactory,
    MembershipFactory,
    TradingAccountFactory,
    active_account,
)
from trading.tests.syncing import sync_now

pytestmark = pytest.mark.django_db


def test_profile_and_margins_are_as_the_broker_tells_them(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    assert account.margins == []
    job = sync_now(someone, account)
    assert job.state == JobState.SUCCEEDED
    assert job.result is not None
    assert job.result["trading_account_id"] == account.public_id
    shown = someone.api.get(f"/v1/trading-accounts/{account.public_id}").json()
    assert shown["last_synced_at"] is not None
    equity = next(one for one in shown["margins"] if one["segment"] == "equity")
    assert equity["enabled"] is True
    assert equity["available_cash"] == "150000.50"


def test_the_job_is_its_owners(trader: TraderFactory, api: Any) -> None:
    someone = trader()
    account = someone.linked()
    job = sync_now(someone, account)
    assert someone.api.get(f"/v1/jobs/{job.public_id}").json()["state"] == "succeeded"
    assert api(trader().user).get(f"/v1/jobs/{job.public_id}").status_code == 404


def test_a_session_that_the_broker_does_not_know_wants_a_login_at_once(
    trader: TraderFactory,
) -> None:
    someone = trader()
    account = someone.linked()
    someone.control.end_sessions(api_key=someone.app.api_key)
    job = sync_now(someone, account)
    assert (job.state, job.error) == (JobState.FAILED, "A new login at the broker is needed")
    assert account.status == AccountStatus.REAUTH_REQUIRED
    assert account.reauth_by is None
    session = BrokerSession.objects.get(account=account)
    assert (session.end_reason, session.access_token) == (SessionEnd.REFUSED, None)


def test_after_six_in_the_morning_the_broker_knows_it_no_more(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    assert account.reauth_by is not None
    someone.control.set_clock(account.reauth_by + timedelta(minutes=1))
    sync_now(someone, account)
    assert account.status == AccountStatus.REAUTH_REQUIRED


def test_an_answer_about_somebody_else_is_nonsense(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    stranger = someone.control.create_user(name="Somebody Else")
    other = trader(broker_user=stranger)
    TradingAccount.objects.filter(pk=other.linked().pk).update(
        broker_user_hash=None, status=AccountStatus.INVALID
    )
    session = BrokerSession.objects.live().get(account=account)
    elsewhere = BrokerSession.objects.live().exclude(pk=session.pk).get()
    TradingAccount.objects.filter(pk=elsewhere.account_id).update(
        broker_user_hash=b"\x00" * 32, status=AccountStatus.ACTIVE
    )
    job = sync_now(other, elsewhere.account)
    assert job.state == JobState.FAILED
    assert TradingAccount.objects.get(pk=elsewhere.account_id).sync_error == "unavailable"


def test_an_account_without_a_session_cannot_be_synced(api: Any) -> None:
    account = TradingAccountFactory.create()
    CredentialVersionFactory.create(account=account, number=1)
    answer = api(account.owner).post(f"/v1/trading-accounts/{account.public_id}/sync")
    assert answer.status_code == 409
    assert answer.json()["account_status"] == "pending_login"
    assert not Job.objects.exists()


def test_six_a_minute_for_one_account_whoever_asks(api: Any) -> None:
    guest = MembershipFactory.create(account=active_account())
    url = f"/v1/trading-accounts/{guest.account.public_id}/sync"
    owner, member = api(guest.account.owner), api(guest.user)
    answers = [who.post(url) for who in (owner, member) * 3]
    assert [answer.status_code for answer in answers] == [202] * 6
    assert '"account_sync";q=6;w=60' in answers[0]["RateLimit-Policy"]
    refused = owner.post(url)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0


def test_nobody_else_can_use_up_the_syncs_of_an_account(api: Any) -> None:
    guest = MembershipFactory.create(account=active_account(), permissions=["trade"])
    url = f"/v1/trading-accounts/{guest.account.public_id}/sync"
    for intruder, status in ((api(UserFactory.create()), 404), (api(guest.user), 403)):
        answers = [intruder.post(url) for _ in range(7)]
        assert [answer.status_code for answer in answers] == [status] * 7
        assert "account_sync" not in answers[0]["RateLimit-Policy"]
    assert api(guest.account.owner).post(url).status_code == 202


def test_a_reading_member_may_ask_for_it(api: Any) -> None:
    guest = MembershipFactory.create(account=active_account())
    answer = api(guest.user).post(f"/v1/trading-accounts/{guest.account.public_id}/sync")
    assert answer.status_code == 202


def test_news_of_an_old_session_does_not_touch_the_new_one(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    old = BrokerSession.objects.live().get(account=account)
    again = someone.api.post(f"/v1/trading-accounts/{account.public_id}/login").json()
    someone.log_in(again["login_url"])
    assert not reauthentication.require(
        account_id=account.pk, session_id=old.pk, because=SessionEnd.REFUSED
    )
    account.refresh_from_db()
    assert account.status == AccountStatus.ACTIVE
    assert BrokerSession.objects.live().filter(account=account).exists()


def test_a_sync_that_comes_back_after_the_account_was_suspended_keeps_nothing(
    trader: TraderFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone = trader()
    account = someone.linked()
    asked = sync._ask

    def ask_while_staff_act(session: BrokerSession) -> Any:
        told = asked(session)
        TradingAccount.objects.filter(pk=account.pk).update(status=AccountStatus.SUSPENDED)
        return told

    monkeypatch.setattr(sync, "_ask", ask_while_staff_act)
    job = sync_now(someone, account)
    assert job.state == JobState.FAILED
    assert (account.status, account.margins) == (AccountStatus.SUSPENDED, [])


def test_the_day_that_is_over_by_the_clock_is_over_for_whoever_looks(api: Any) -> None:
    account = active_account()
    with time_machine.travel(timezone.now() + timedelta(hours=12), tick=True):
        shown = api(account.owner).get(f"/v1/trading-accounts/{account.public_id}").json()
    assert (shown["status"], shown["health"]) == ("reauth_required", "login_needed")
