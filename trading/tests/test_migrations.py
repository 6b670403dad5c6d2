"""The migrations of trading can be undone with accounts in the tables, or say what to do first."""

from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from config.reversals import ReversalRefusedError
from tests.migrating import asked, forwards_again
from trading.models import AccountStatus, BrokerSession, SessionEnd, TradingAccount
from trading.tests.factories import MembershipFactory, active_account

pytestmark = pytest.mark.django_db(transaction=True)


def migrate(*target: str) -> None:
    call_command("migrate", "trading", *target, verbosity=0)


@pytest.fixture
def at_the_end_forwards() -> Iterator[None]:
    with forwards_again():
        yield


@pytest.mark.usefixtures("at_the_end_forwards")
def test_what_only_the_later_release_knows_is_told_in_the_words_of_the_one_before() -> None:
    degraded, transferred = active_account(), active_account()
    TradingAccount.objects.filter(pk=degraded.pk).update(status=AccountStatus.DEGRADED)
    BrokerSession.objects.filter(account=transferred).update(
        access_token=None, ended_at=timezone.now(), end_reason=SessionEnd.TRANSFERRED
    )
    MembershipFactory.create(account=active_account(broker="paper"))
    call_command("unlink_trading_accounts", broker="paper", stdout=StringIO(), stderr=StringIO())

    migrate("0001")

    assert asked("SELECT broker, status FROM trading_tradingaccount") == [("kite", "active")] * 2
    ends = asked("SELECT end_reason FROM trading_brokersession ORDER BY end_reason")
    assert ends == [("",), ("replaced",)]


@pytest.mark.usefixtures("at_the_end_forwards")
@pytest.mark.parametrize("target", ["0001", "zero"])
def test_linked_paper_accounts_are_not_lost_by_going_back(target: str) -> None:
    active_account(broker="paper")
    applied = asked("SELECT name FROM django_migrations ORDER BY id")
    with pytest.raises(ReversalRefusedError, match=r"^1 paper accounts .* --broker paper$"):
        migrate(target)
    assert asked("SELECT name FROM django_migrations ORDER BY id") == applied
    assert TradingAccount.objects.get().status == AccountStatus.ACTIVE
