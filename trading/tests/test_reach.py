"""Which accounts a person's tokens and preferences may speak of."""

import pytest

from accounts.tests.factories import UserFactory
from trading import reach
from trading.models import AccountStatus, TradingAccount
from trading.tests.factories import MembershipFactory, active_account

pytestmark = pytest.mark.django_db


def test_own_and_shared_accounts_are_reached_newest_first() -> None:
    person = UserFactory.create()
    own = active_account(owner=person)
    shared = MembershipFactory.create(account=active_account(), user=person).account
    foreign = active_account()
    assert reach.account_ids(person) == [shared.public_id, own.public_id]
    assert reach.is_reachable(person, own.public_id)
    assert reach.is_reachable(person, shared.public_id)
    assert not reach.is_reachable(person, foreign.public_id)


def test_what_was_unlinked_or_revoked_is_not() -> None:
    person = UserFactory.create()
    gone = active_account(owner=person)
    TradingAccount.objects.filter(pk=gone.pk).update(status=AccountStatus.UNLINKED)
    invited = MembershipFactory.create(
        account=active_account(), user=person, status="revoked", ended_at="2026-01-01T00:00:00Z"
    )
    assert reach.account_ids(person) == []
    assert not reach.is_reachable(person, invited.account.public_id)


@pytest.mark.parametrize("nonsense", ["", "acc_x", "usr_01h455vb4pex5vsknk084sn02q"])
def test_what_is_no_id_is_not(nonsense: str) -> None:
    assert not reach.is_reachable(UserFactory.create(), nonsense)
