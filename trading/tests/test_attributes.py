"""What policies may know of accounts and members."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.tests.factories import UserFactory
from trading.attributes import MembershipAttributes, TradingAccountAttributes
from trading.models import AccountStatus, MembershipStatus, TradingAccount
from trading.tests.factories import MembershipFactory, TradingAccountFactory, active_account

pytestmark = pytest.mark.django_db

accounts, memberships = TradingAccountAttributes(), MembershipAttributes()


def test_an_account_has_an_owner_a_status_and_a_broker() -> None:
    account = active_account()
    known = accounts.load([account.public_id])[account.public_id]
    assert known.values == {
        "owner": account.owner.public_id,
        "owner_active": True,
        "status": "active",
        "broker": "kite",
    }
    assert known.good_until == account.reauth_by


def test_the_status_changes_on_time() -> None:
    account = active_account()
    assert account.reauth_by is not None
    with time_machine.travel(account.reauth_by, tick=False):
        known = accounts.load([account.public_id])[account.public_id]
    assert known.values["status"] == "reauth_required"


@pytest.mark.parametrize("status", [AccountStatus.DISCONNECTING, AccountStatus.UNLINKED])
def test_an_unlinked_account_does_not_exist(status: AccountStatus) -> None:
    account = TradingAccountFactory.create()
    TradingAccount.objects.filter(pk=account.pk).update(status=status)
    assert accounts.load([account.public_id]) == {}


def test_ids_that_are_none_are_nobody() -> None:
    assert accounts.load(["", "acc_", "usr_x", "\x00", "x" * 500]) == {}
    assert memberships.load(["", "acc_", "usr_x", "\x00", "x" * 500]) == {}


def test_memberships_are_told_by_account() -> None:
    guest = MembershipFactory.create(permissions=["read", "trade"])
    other = MembershipFactory.create(user=guest.user)
    known = memberships.load([guest.user.public_id])[guest.user.public_id]
    assert known.values == {
        "memberships": {
            guest.account.public_id: {"permissions": ["read", "trade"]},
            other.account.public_id: {"permissions": ["read"]},
        }
    }
    assert known.good_until is None


def test_only_what_was_accepted_and_lasts_counts() -> None:
    person, now = UserFactory.create(), timezone.now()
    for status in MembershipStatus:
        if status not in {MembershipStatus.ACTIVE, MembershipStatus.INVITED}:
            MembershipFactory.create(user=person, status=status, ended_at=now)
    MembershipFactory.create(user=person, expires_at=now - timedelta(seconds=1))
    known = memberships.load([person.public_id])[person.public_id]
    assert known.values == {"memberships": {}}


def test_they_are_good_until_the_first_of_them_ends() -> None:
    person, now = UserFactory.create(), timezone.now()
    for hours in (None, 3, 2, None):
        ends = now + timedelta(hours=hours) if hours else None
        MembershipFactory.create(user=person, expires_at=ends)
    known = memberships.load([person.public_id])[person.public_id]
    assert known.good_until == now + timedelta(hours=2)


def test_many_cost_what_one_costs(django_assert_num_queries: object) -> None:
    guests = [MembershipFactory.create() for _ in range(5)]
    people = [guest.user.public_id for guest in guests]
    for ids in (people[:1], people):
        with django_assert_num_queries(1):  # type: ignore[operator]
            assert set(memberships.load(ids)) == set(ids)
    ids = [guest.account.public_id for guest in guests]
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert set(accounts.load(ids)) == set(ids)
