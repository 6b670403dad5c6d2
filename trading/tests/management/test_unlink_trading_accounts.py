"""`manage.py unlink_trading_accounts`"""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from config.vault.models import DataKey
from trading.events import AccountUnlinked
from trading.models import AccountStatus, TradingAccount
from trading.tests.conftest import TraderFactory
from trading.tests.factories import TradingAccountFactory, active_account

pytestmark = pytest.mark.django_db


def call(*arguments: str) -> Any:
    out = StringIO()
    call_command("unlink_trading_accounts", *arguments, "--json", stdout=out, stderr=StringIO())
    return json.loads(out.getvalue())


def test_a_dry_run_unlinks_none() -> None:
    active_account(broker="paper")
    active_account()
    assert call("--broker", "paper", "--dry-run") == {"dry_run": True, "accounts": 1}
    assert not TradingAccount.objects.filter(status=AccountStatus.UNLINKED).exists()


def test_every_account_at_the_broker_is_unlinked_as_its_owner_would_do_it(heard: list[Any]) -> None:
    active, waiting = active_account(broker="paper"), TradingAccountFactory.create(broker="paper")
    begun = active_account(broker="paper")
    TradingAccount.objects.filter(pk=begun.pk).update(status=AccountStatus.DISCONNECTING)
    elsewhere = active_account()

    assert call("--broker", "paper") == {"dry_run": False, "unlinked": 3}

    unlinked = {account.public_id for account in (active, waiting, begun)}
    assert {
        event.trading_account_id for event in heard if isinstance(event, AccountUnlinked)
    } == unlinked
    assert TradingAccount.objects.not_unlinked().get() == elsewhere
    assert DataKey.objects.live().filter(subject_kind="trading_account").get().subject_id == (
        elsewhere.public_id
    )


@pytest.mark.usefixtures("shipped_policies")
def test_sessions_at_the_broker_end(trader: TraderFactory) -> None:
    someone = trader()
    someone.linked()
    assert someone.control.sessions()
    call("--broker", "kite")
    assert someone.control.sessions() == []


def test_a_broker_that_there_is_not_is_a_misuse() -> None:
    with pytest.raises(CommandError, match="invalid choice"):
        call("--broker", "nobody")
