"""Which accounts a person's tokens and preferences may speak of."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.services import api_keys
from accounts.tests.factories import UserFactory
from config.telemetry import planted_secrets
from trading import reach
from trading.models import AccountStatus, TradingAccount
from trading.services import memberships
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


def test_the_default_account_is_one_within_reach_when_it_is_chosen(api: Any) -> None:
    person = UserFactory.create()
    own, shared, other = active_account(owner=person), active_account(), active_account()
    MembershipFactory.create(account=shared, user=person, permissions=["read"])
    client = api(person)

    def choose(account: TradingAccount) -> Any:
        body = {"default_trading_account_id": account.public_id}
        return client.patch("/v1/users/me/preferences", body, format="json")

    for account in (own, shared):
        assert choose(account).json()["default_trading_account_id"] == account.public_id
    refused = choose(other)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"] == "default_trading_account_id"


def test_an_api_key_reaches_what_its_owner_reaches_at_that_moment(shipped_policies: None) -> None:
    person, shared = UserFactory.create(), active_account()
    issued = api_keys.create(user=person, name="robot", scopes=["accounts:read"])
    planted_secrets.add(issued.secret)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issued.secret}")
    path = f"/v1/trading-accounts/{shared.public_id}"
    assert client.get(path).status_code == 404
    membership = MembershipFactory.create(account=shared, user=person, permissions=["read"])
    assert client.get(path).json()["your_permissions"] == ["read"]
    memberships.revoke(membership_id=membership.pk, revoked_by=shared.owner)
    assert client.get(path).status_code == 404
