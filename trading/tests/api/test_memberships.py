"""What members may do, how that changes, and how it ends."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.services import preferences
from authz.services import decisions
from trading.models import AccountStatus, Membership, MembershipStatus, TradingAccount
from trading.tests.conftest import TraderFactory
from trading.tests.factories import MembershipFactory, active_account

pytestmark = pytest.mark.django_db

TRADE = "trade:place_order"


def allowed(membership: Membership, action: str = TRADE) -> bool:
    return decisions.check(
        subject=f"user:{membership.user.public_id}",  # type: ignore[union-attr]
        action=action,
        resource=membership.account.entity,
        context={"acr": "mfa"},
    ).allowed


def url(membership: Membership) -> str:
    account = membership.account.public_id
    return f"/v1/trading-accounts/{account}/memberships/{membership.public_id}"


def member(*permissions: str, account: TradingAccount | None = None, **given: Any) -> Membership:
    membership: Membership = MembershipFactory.create(
        account=account or active_account(), permissions=sorted(permissions), **given
    )
    return membership


def test_a_member_trades_until_it_is_revoked(api: Any) -> None:
    guest = member("read", "trade")
    assert allowed(guest)
    assert api(guest.account.owner).delete(url(guest)).status_code == 204
    assert not allowed(guest)
    guest.refresh_from_db()
    assert guest.status == MembershipStatus.REVOKED


def test_taking_a_permission_away_is_felt_at_once(api: Any) -> None:
    guest = member("read", "trade")
    assert allowed(guest)
    changed = api(guest.account.owner).patch(url(guest), {"permissions": ["read"]}, format="json")
    assert changed.json()["permissions"] == ["read"]
    assert not allowed(guest)


def test_giving_a_permission_is_felt_at_once(api: Any) -> None:
    guest = member("read")
    assert not allowed(guest)
    api(guest.account.owner).patch(url(guest), {"permissions": ["trade"]}, format="json")
    assert allowed(guest)


def test_a_membership_ends_on_time_whether_or_not_anybody_has_noted_it(api: Any) -> None:
    guest = member("read", "trade", expires_at=timezone.now() + timedelta(minutes=30))
    assert allowed(guest)
    with time_machine.travel(timezone.now() + timedelta(minutes=31), tick=True):
        assert not allowed(guest)
        shown = api(guest.user).get(f"/v1/trading-accounts/{guest.account.public_id}")
        assert shown.status_code == 404
    guest.refresh_from_db()
    assert guest.status == MembershipStatus.ACTIVE


def test_an_end_can_be_set_moved_and_taken_away(api: Any) -> None:
    guest = member("read")
    owner, tomorrow = api(guest.account.owner), timezone.now() + timedelta(days=1)
    changed = owner.patch(url(guest), {"expires_at": tomorrow.isoformat()}, format="json")
    assert parse_datetime(changed.json()["expires_at"]) == tomorrow
    changed = owner.patch(url(guest), {"expires_at": None}, format="json")
    assert changed.json()["expires_at"] is None


def test_a_change_of_nothing_is_no_change(api: Any) -> None:
    guest = member("read")
    before = guest.updated_at
    assert api(guest.account.owner).patch(url(guest), {}, format="json").status_code == 200
    guest.refresh_from_db()
    assert guest.updated_at == before


def test_a_member_can_leave(api: Any) -> None:
    guest = member("trade")
    assert api(guest.user).delete(url(guest)).status_code == 204
    guest.refresh_from_db()
    assert guest.status == MembershipStatus.LEFT
    assert not allowed(guest)


@pytest.mark.parametrize("by", ["owner", "member"])
def test_a_membership_that_ends_is_nobodys_default(api: Any, by: str) -> None:
    guest = member("read")
    person = guest.user
    assert person is not None
    chosen = {"default_trading_account_id": guest.account.public_id}
    preferences.patch(user=person, changes=chosen)
    api(guest.account.owner if by == "owner" else person).delete(url(guest))
    assert preferences.of(person).values == {}


def test_a_member_cannot_end_anothers_membership(api: Any) -> None:
    guest = member("read", "trade")
    other = member("read", account=guest.account)
    assert api(guest.user).delete(url(other)).status_code == 403
    other.refresh_from_db()
    assert other.status == MembershipStatus.ACTIVE


def test_a_member_without_manage_neither_sees_nor_changes_memberships(api: Any) -> None:
    guest = member("read", "trade")
    members = f"/v1/trading-accounts/{guest.account.public_id}/memberships"
    assert api(guest.user).get(members).status_code == 403
    invitation = {"email": "friend@example.com", "permissions": ["read"]}
    assert api(guest.user).post(members, invitation, format="json").status_code == 403
    raised = api(guest.user).patch(url(guest), {"permissions": ["manage"]}, format="json")
    assert raised.status_code == 403


def test_a_managing_member_shares_what_they_hold_and_no_more(api: Any) -> None:
    manager = member("read", "manage")
    members = f"/v1/trading-accounts/{manager.account.public_id}/memberships"
    invitation = {"email": "friend@example.com", "permissions": ["read"]}
    assert api(manager.user).post(members, invitation, format="json").status_code == 201
    invitation = {"email": "enemy@example.com", "permissions": ["trade"]}
    refused = api(manager.user).post(members, invitation, format="json")
    assert refused.status_code == 403
    assert refused.json()["type"].endswith("/errors/grant-exceeds-own")


def test_a_managing_member_neither_unlinks_the_account_nor_replaces_its_credentials(
    api: Any,
) -> None:
    manager = member("read", "trade", "manage")
    account = f"/v1/trading-accounts/{manager.account.public_id}"
    other = {"credentials": {"api_key": "abcdef", "api_secret": "abcdef"}}
    client = api(manager.user, acr="mfa")
    rotated = client.post(f"{account}/rotate-credentials", other, format="json")
    assert (client.delete(account).status_code, rotated.status_code) == (403, 403)
    manager.account.refresh_from_db()
    assert manager.account.status == AccountStatus.ACTIVE
    assert manager.account.credential_versions.count() == 1
    assert client.patch(account, {"nickname": "Ours"}, format="json").status_code == 200


def test_a_managing_member_cannot_raise_themself(api: Any) -> None:
    manager = member("manage", expires_at=timezone.now() + timedelta(days=1))
    raised = api(manager.user).patch(
        url(manager), {"permissions": ["manage", "trade"]}, format="json"
    )
    assert raised.status_code == 403
    prolonged = api(manager.user).patch(url(manager), {"expires_at": None}, format="json")
    assert prolonged.status_code == 403


def test_a_managing_member_cannot_share_for_longer_than_they_have_it(api: Any) -> None:
    manager = member("read", "manage", expires_at=timezone.now() + timedelta(days=1))
    members = f"/v1/trading-accounts/{manager.account.public_id}/memberships"
    invitation = {"email": "friend@example.com", "permissions": ["read"]}
    assert api(manager.user).post(members, invitation, format="json").status_code == 403
    soon = (timezone.now() + timedelta(hours=1)).isoformat()
    shorter = api(manager.user).post(members, invitation | {"expires_at": soon}, format="json")
    assert shorter.status_code == 201


def test_a_manager_whose_membership_ends_cannot_finish_a_login_that_they_began(
    trader: TraderFactory, api: Any
) -> None:
    someone = trader()
    account = someone.linked()
    manager = member("read", "manage", account=account)
    begun = api(manager.user).post(f"/v1/trading-accounts/{account.public_id}/login")
    assert begun.status_code == 200
    someone.api.delete(url(manager))
    assert someone.log_in(begun.json()["login_url"]).status_code == 403
    assert len(someone.control.journal(path="/session/token")) == 1


def test_a_membership_that_has_ended_cannot_be_changed(api: Any) -> None:
    guest = member("read")
    owner = api(guest.account.owner)
    owner.delete(url(guest))
    assert owner.delete(url(guest)).status_code == 404
    assert owner.patch(url(guest), {"permissions": ["trade"]}, format="json").status_code == 404


def test_a_membership_is_changed_only_through_its_own_account(api: Any) -> None:
    guest = member("read")
    elsewhere = active_account(owner=guest.account.owner)
    wrong = f"/v1/trading-accounts/{elsewhere.public_id}/memberships/{guest.public_id}"
    assert api(guest.account.owner).delete(wrong).status_code == 404


def test_the_owner_sees_members_and_invitations(api: Any) -> None:
    guest = member("read")
    owner = api(guest.account.owner)
    members = f"/v1/trading-accounts/{guest.account.public_id}/memberships"
    owner.post(members, {"email": "friend@example.com", "permissions": ["read"]}, format="json")
    shown = owner.get(members).json()["results"]
    assert [(one["status"], one["email"]) for one in shown] == [
        ("invited", "friend@example.com"),
        ("active", ""),
    ]


def test_what_a_service_is_told_is_the_decision(api: Any) -> None:
    guest = member("read", "trade")
    service = api(service="orders", scopes={"authz:check"})
    question = {"user_id": guest.user.public_id, "action": "trading_account:read"}  # type: ignore[union-attr]
    check = f"/v1/trading-accounts/{guest.account.public_id}/permissions/check"
    assert service.get(check, question).json()["decision"] == "allow"
    api(guest.account.owner).delete(url(guest))
    assert service.get(check, question).json()["decision"] == "deny"
