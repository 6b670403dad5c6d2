"""Unlinking: deny, end the session, destroy the key."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from config.vault import erasures
from config.vault.errors import KeyDestroyedError
from config.vault.models import DataKey
from config.vault.sealing import open_field
from trading.models import (
    AccountStatus,
    BrokerSession,
    CredentialVersion,
    Membership,
    MembershipStatus,
    TradingAccount,
)
from trading.services import unlinking
from trading.simulator.faults import Fault
from trading.tests.conftest import TraderFactory
from trading.tests.factories import MembershipFactory, active_account
from trading.tests.trader import Trader

pytestmark = pytest.mark.django_db


def unlink(someone: Trader, account: TradingAccount) -> Any:
    return someone.api.delete(f"/v1/trading-accounts/{account.public_id}")


def key_of(account: TradingAccount) -> DataKey:
    return DataKey.objects.get(subject_kind="trading_account", subject_id=account.public_id)


def test_the_broker_session_ends_and_the_key_is_destroyed(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    sealed_secret = CredentialVersion.objects.get(account=account)
    sealed_token = BrokerSession.objects.get(account=account)
    assert unlink(someone, account).status_code == 204

    account.refresh_from_db()
    assert account.status == AccountStatus.UNLINKED
    assert someone.control.sessions() == []
    assert key_of(account).is_destroyed
    for row, name in ((sealed_secret, "secret"), (sealed_token, "access_token")):
        with pytest.raises(KeyDestroyedError):
            open_field(row, name)


def test_nothing_that_tells_who_it_was_is_kept(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    unlink(someone, account)
    account.refresh_from_db()
    assert account.broker_user_hash is None
    assert (account.broker_user_masked, account.profile, account.margins) == ("", {}, [])
    assert CredentialVersion.objects.get(account=account).secret is None
    assert BrokerSession.objects.get(account=account).access_token is None


@pytest.mark.parametrize(
    "fault",
    [
        "gateway_down",
        "maintenance",
        "throttled",
        "throttled_json",
        "success_with_status_500",
        "half_an_answer",
        "bytes_that_are_no_json",
        "a_list",
        "dropped_before_headers",
        "not_http",
    ],
)
def test_a_broker_in_trouble_is_asked_again_and_then_left_alone(
    trader: TraderFactory, fault: str
) -> None:
    someone = trader()
    account = someone.linked()
    someone.control.clear_journal()
    someone.control.queue_fault("DELETE /session/token", fault, times=10)
    assert unlink(someone, account).status_code == 204
    account.refresh_from_db()
    assert account.status == AccountStatus.UNLINKED
    assert key_of(account).is_destroyed
    assert len(someone.control.journal(path="/session/token")) == 2


def test_one_failure_of_the_broker_does_not_leave_its_session_alive(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    someone.control.queue_fault("DELETE /session/token", "gateway_down")
    unlink(someone, account)
    assert someone.control.sessions() == []


def test_a_broker_that_is_down_does_not_hold_it_up(trader: TraderFactory, environment: Any) -> None:
    someone = trader()
    account = someone.linked()
    environment(kite_api_url="http://127.0.0.1:1")
    assert unlink(someone, account).status_code == 204
    account.refresh_from_db()
    assert account.status == AccountStatus.UNLINKED
    assert key_of(account).is_destroyed


def test_a_broker_that_refuses_is_not_asked_twice(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    someone.control.clear_journal()
    someone.control.queue_fault("DELETE /session/token", "PermissionException", times=5)
    assert unlink(someone, account).status_code == 204
    assert len(someone.control.journal(path="/session/token")) == 1


def test_a_slow_broker_is_not_waited_for(trader: TraderFactory, environment: Any) -> None:
    someone = trader()
    account = someone.linked()
    environment(broker_read_timeout=0.2)
    someone.control.queue_fault("DELETE /session/token", Fault(delay=3), times=2)
    assert unlink(someone, account).status_code == 204


def test_an_account_that_never_had_a_login_can_be_unlinked(trader: TraderFactory) -> None:
    someone = trader()
    started = someone.link().json()
    assert someone.api.delete(f"/v1/trading-accounts/{started['id']}").status_code == 204
    assert someone.log_in(started["login_url"]).status_code in {403, 409}


def test_an_unlinked_account_is_gone(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    unlink(someone, account)
    assert unlink(someone, account).status_code == 404
    assert someone.api.get(f"/v1/trading-accounts/{account.public_id}").status_code == 404
    assert someone.api.get("/v1/trading-accounts").json()["results"] == []


def test_members_lose_it_at_once(trader: TraderFactory, api: Any) -> None:
    someone = trader()
    account = someone.linked()
    membership = MembershipFactory.create(account=account)
    unlink(someone, account)
    membership.refresh_from_db()
    assert membership.status == MembershipStatus.REVOKED
    assert api(membership.user).get("/v1/memberships").json()["results"] == []


def test_unlinking_wants_a_fresh_second_factor(trader: TraderFactory, api: Any) -> None:
    someone = trader()
    account = someone.linked()
    someone.api = api(someone.user)
    assert unlink(someone, account).status_code == 401
    account.refresh_from_db()
    assert account.status == AccountStatus.ACTIVE


def test_what_a_dead_process_left_half_done_is_finished_by_another(simulator: Any) -> None:
    account = active_account()
    invitation = MembershipFactory.create(account=account)
    unlinking._deny(account.pk, account.owner_id)
    account.refresh_from_db()
    assert account.status == AccountStatus.DISCONNECTING
    assert not Membership.objects.standing().filter(pk=invitation.pk).exists()
    assert unlinking.finish_all() == 0  # it may be under way
    with time_machine.travel(timezone.now() + timedelta(minutes=3), tick=True):
        assert unlinking.finish_all() == 1
        assert unlinking.finish_all() == 0
    account.refresh_from_db()
    assert account.status == AccountStatus.UNLINKED
    assert key_of(account).is_destroyed


def test_finishing_twice_is_harmless(simulator: Any) -> None:
    account = active_account()
    unlinking.unlink(account_id=account.pk, owner_id=account.owner_id)
    unlinking.finish(account_id=account.pk)
    account.refresh_from_db()
    assert account.status == AccountStatus.UNLINKED


def test_an_account_that_a_backup_has_brought_back_is_unlinked_by_the_ledger(
    trader: TraderFactory,
) -> None:
    someone = trader()
    account = someone.linked()
    key = DataKey.objects.of_subject(account.key_subject).get()
    someone.api.delete(f"/v1/trading-accounts/{account.public_id}")
    ledger = list(erasures.export())
    DataKey.objects.filter(pk=key.pk).update(wrapped=key.wrapped, destroyed_at=None)
    account.save()  # as it was: active

    assert erasures.replay(erasures.read(ledger)).destroyed == 1

    account.refresh_from_db()
    assert account.status == AccountStatus.UNLINKED
    again = erasures.replay(erasures.read(ledger))
    assert (again.destroyed, again.known) == (0, 1)
