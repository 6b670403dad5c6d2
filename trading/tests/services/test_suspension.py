"""Staff stop all use of an account, and give it back."""

from typing import Any

import pytest

from trading.errors import AccountNotUsableError
from trading.models import AccountStatus, BrokerSession, SessionEnd
from trading.services import suspension
from trading.tests.conftest import TraderFactory
from trading.tests.factories import BrokerSessionFactory, active_account

pytestmark = pytest.mark.django_db


def test_a_suspended_account_has_no_session_here_nor_at_the_broker(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    suspension.suspend(account_id=account.pk, reason="court order")
    account.refresh_from_db()
    assert (account.status, account.status_reason) == (AccountStatus.SUSPENDED, "court order")
    assert someone.control.sessions() == []
    assert BrokerSession.objects.get(account=account).end_reason == SessionEnd.SUSPENDED


def test_a_login_cannot_be_begun_or_finished_meanwhile(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    login = f"/v1/trading-accounts/{account.public_id}/login"
    under_way = someone.api.post(login).json()["login_url"]
    suspension.suspend(account_id=account.pk, reason="court order")
    assert someone.api.post(login).status_code == 409
    asked_before = len(someone.control.journal(path="/session/token"))
    finished = someone.log_in(under_way)
    assert finished.status_code == 409
    assert finished.json()["account_status"] == "suspended"
    assert len(someone.control.journal(path="/session/token")) == asked_before


def test_given_back_it_wants_a_login_first(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    suspension.suspend(account_id=account.pk, reason="court order")
    suspension.reactivate(account_id=account.pk, reason="order lifted")
    account.refresh_from_db()
    assert account.status == AccountStatus.REAUTH_REQUIRED
    again = someone.api.post(f"/v1/trading-accounts/{account.public_id}/login").json()
    assert someone.log_in(again["login_url"]).status_code == 200


def test_a_suspended_account_cannot_be_suspended_again(simulator: Any) -> None:
    account = active_account(owner__name="Asha")
    suspension.suspend(account_id=account.pk, reason="one")
    with pytest.raises(AccountNotUsableError):
        suspension.suspend(account_id=account.pk, reason="two")


def test_giving_back_ends_what_a_dead_process_left(simulator: Any) -> None:
    account = active_account()
    suspension.suspend(account_id=account.pk, reason="one")
    left = BrokerSessionFactory.create(account=account)
    suspension.reactivate(account_id=account.pk, reason="two")
    left.refresh_from_db()
    assert left.end_reason == SessionEnd.SUSPENDED
