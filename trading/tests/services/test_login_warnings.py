"""Owners hear once a day that their login at the broker ends, however often the clock asks."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts.services import preferences
from tests.racing import at_once
from trading.models import AccountStatus, SessionEnd, TradingAccount
from trading.services import expiry, login_warnings, reauthentication, suspension
from trading.tests.factories import active_account

HOUR = timedelta(hours=1)
ENDS_IN = timedelta(hours=12)  # of `active_account`

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> TradingAccount:
    return active_account(
        nickname="Long term", owner__email="asha@example.com", owner__timezone="Asia/Kolkata"
    )


@pytest.fixture
def run(django_capture_on_commit_callbacks: Any) -> Callable[..., int]:
    """`run(task)`, with what it sends when it has committed."""

    def carry_out(task: Callable[[], int]) -> int:
        with django_capture_on_commit_callbacks(execute=True):
            return task()

    return carry_out


def test_the_owner_is_told_before_and_once(
    account: TradingAccount, run: Callable[..., int]
) -> None:
    assert run(login_warnings.warn_ahead) == 0
    with time_machine.travel(timezone.now() + ENDS_IN - HOUR / 2, tick=True):
        assert [run(login_warnings.warn_ahead) for _ in range(10)] == [1] + [0] * 9
    (message,) = mail.outbox
    assert message.to == ["asha@example.com"]
    for body in (str(message.body), str(message.alternatives[0][0])):  # type: ignore[union-attr]
        for word in ("Long term", "Kite", "(Asia/Kolkata)", "/accounts/brokers"):
            assert word in body
    with time_machine.travel(timezone.now() + ENDS_IN, tick=True):
        assert run(login_warnings.warn_ahead) == 0
        assert run(expiry.mark_due) == 1
    assert len(mail.outbox) == 1


def test_a_new_login_of_the_same_day_is_not_told_again_and_that_of_the_next_is(
    account: TradingAccount, run: Callable[..., int]
) -> None:
    with time_machine.travel(timezone.now() + ENDS_IN - HOUR / 2, tick=True):
        run(login_warnings.warn_ahead)
        account.refresh_from_db()
        TradingAccount.objects.filter(pk=account.pk).update(reauth_by=account.reauth_by)
        assert run(login_warnings.warn_ahead) == 0
        tomorrow = timezone.now() + HOUR * 24
        TradingAccount.objects.filter(pk=account.pk).update(reauth_by=tomorrow)
    with time_machine.travel(tomorrow - HOUR / 2, tick=True):
        assert run(login_warnings.warn_ahead) == 1
    assert len(mail.outbox) == 2


def test_who_was_not_told_before_is_told_when_it_is_over(
    account: TradingAccount, run: Callable[..., int]
) -> None:
    with time_machine.travel(timezone.now() + ENDS_IN, tick=True):
        assert run(expiry.mark_due) == 1
        assert run(expiry.mark_due) == 0
    (message,) = mail.outbox
    assert "is over" in message.body


def test_a_login_that_the_broker_ended_early_is_told_as_well(
    account: TradingAccount, run: Callable[..., int]
) -> None:
    session = account.broker_sessions.get()

    def refused() -> int:
        return reauthentication.require(
            account_id=account.pk, session_id=session.pk, because=SessionEnd.REFUSED
        )

    assert [run(refused) for _ in range(2)] == [True, False]
    assert len(mail.outbox) == 1


def test_who_does_not_want_such_mails_gets_none(
    account: TradingAccount, run: Callable[..., int]
) -> None:
    preferences.patch(user=account.owner, changes={"notifications": {"broker_login_email": False}})
    with time_machine.travel(timezone.now() + ENDS_IN - HOUR / 2, tick=True):
        run(login_warnings.warn_ahead)
    assert mail.outbox == []


def test_a_mail_that_is_no_news_any_more_is_not_sent(account: TradingAccount) -> None:
    assert account.reauth_by
    ends = account.reauth_by
    tell = partial(login_warnings.send, account_id=account.public_id, ends=ends)
    TradingAccount.objects.filter(pk=account.pk).update(reauth_by=ends + HOUR * 24)
    tell()
    TradingAccount.objects.filter(pk=account.pk).update(
        reauth_by=None, status=AccountStatus.SUSPENDED
    )
    tell()
    TradingAccount.objects.filter(pk=account.pk).update(status=AccountStatus.UNLINKED)
    tell()
    assert mail.outbox == []


def test_a_suspended_account_is_not_told_of(
    account: TradingAccount, run: Callable[..., int], simulator: Any
) -> None:
    suspension.suspend(account_id=account.pk, reason="looked at")
    with time_machine.travel(timezone.now() + ENDS_IN - HOUR / 2, tick=True):
        assert run(login_warnings.warn_ahead) == 0


@pytest.mark.django_db(transaction=True)
def test_ten_beats_at_once_send_one_mail(simulator: Any) -> None:
    account = active_account()
    soon = timezone.now() + HOUR / 2
    TradingAccount.objects.filter(pk=account.pk).update(reauth_by=soon)
    told = at_once(*[login_warnings.warn_ahead] * 10)
    assert sorted(told) == [0] * 9 + [1]
    assert len(mail.outbox) == 1


def test_many_accounts_are_told_of_in_batches(
    monkeypatch: pytest.MonkeyPatch, run: Callable[..., int]
) -> None:
    monkeypatch.setattr(login_warnings, "BATCH", 2)
    for _ in range(5):
        active_account()
    with time_machine.travel(timezone.now() + ENDS_IN - HOUR / 2, tick=True):
        assert run(login_warnings.warn_ahead) == 5
    assert len(mail.outbox) == 5
