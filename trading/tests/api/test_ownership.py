"""A member takes an account over: what changes hands, and what does not."""

from typing import Any

import pytest

from accounts.models import Preferences
from accounts.services import preferences
from audit.models import AuthEvent
from events.domain import DomainEvent
from trading.events import OwnershipOffered, OwnershipTransferred
from trading.models import (
    AccountStatus,
    BrokerSession,
    CredentialStatus,
    Membership,
    MembershipStatus,
    SessionEnd,
)
from trading.services.credentials import opened
from trading.tests.conftest import TraderFactory
from trading.tests.factories import (
    API_SECRET,
    CredentialVersionFactory,
    MembershipFactory,
)
from trading.tests.giving import allowed, handed_over, offer, person_of

pytestmark = pytest.mark.django_db

Heard = list[DomainEvent]


def test_nothing_changes_until_the_receiver_accepts(api: Any, member: Membership) -> None:
    offered = offer(api, member, keeps=["trade", "read", "read"])
    assert offered.status_code == 201
    body = offered.json()
    assert (body["status"], body["keeps"], body["nickname"]) == (
        "offered",
        ["read", "trade"],
        "Family",
    )
    assert body["receiver"]["id"] == person_of(member).public_id
    owner = member.account.owner
    member.account.refresh_from_db()
    assert (member.account.owner, member.account.status) == (owner, AccountStatus.ACTIVE)
    assert allowed(owner, member.account, "trade:place_order")
    listed = api(person_of(member)).get("/v1/ownership-transfers").json()["results"]
    assert [one["id"] for one in listed] == [body["id"]]
    assert api(owner).get("/v1/ownership-transfers").json()["results"] == []


def test_the_receiver_owns_the_account_and_the_giver_has_nothing(
    api: Any, member: Membership
) -> None:
    giver, receiver = member.account.owner, person_of(member)
    account = handed_over(api, member)
    assert account.owner == receiver
    member.refresh_from_db()
    assert member.status == MembershipStatus.LEFT
    assert not account.memberships.standing().exists()
    assert allowed(receiver, account, "trading_account:unlink")
    assert not allowed(giver, account, "trading_account:read")
    assert api(giver).get(f"/v1/trading-accounts/{account.public_id}").status_code == 404


def test_decisions_from_before_are_not_remembered(api: Any, member: Membership) -> None:
    giver, receiver, account = member.account.owner, person_of(member), member.account
    manage = "trading_account:manage"
    assert (allowed(giver, account, manage), allowed(receiver, account, manage)) == (True, False)
    handed_over(api, member)
    assert (allowed(giver, account, manage), allowed(receiver, account, manage)) == (False, True)


def test_the_giver_keeps_what_they_asked_for_as_a_member(api: Any, member: Membership) -> None:
    giver, receiver = member.account.owner, person_of(member)
    account = handed_over(api, member, keeps=["read"])
    kept = account.memberships.get(status=MembershipStatus.ACTIVE)
    assert (kept.user, kept.permissions, kept.granted_by) == (giver, ["read"], receiver)
    assert allowed(giver, account, "trading_account:read")
    assert not allowed(giver, account, "trading_account:manage")
    ended = api(receiver).delete(
        f"/v1/trading-accounts/{account.public_id}/memberships/{kept.public_id}"
    )
    assert ended.status_code == 204


def test_the_login_at_the_broker_ends_and_the_credentials_stay(
    trader: TraderFactory, api: Any
) -> None:
    someone = trader()
    account = someone.linked()
    member = MembershipFactory.create(account=account, permissions=["trade"])
    account = handed_over(api, member)
    assert someone.control.sessions() == []
    assert (account.status, account.reauth_by) == (AccountStatus.REAUTH_REQUIRED, None)
    session = BrokerSession.objects.get(account=account)
    assert session.end_reason == SessionEnd.TRANSFERRED
    assert opened(account.credential_versions.current().get()).api_secret == someone.app.api_secret
    assert not allowed(account.owner, account, "trade:place_order")


def test_the_new_owner_logs_in_as_the_same_broker_user_and_no_other(
    trader: TraderFactory, api: Any
) -> None:
    someone = trader()
    account = someone.linked()
    member = MembershipFactory.create(account=account)
    account = handed_over(api, member)
    login = f"/v1/trading-accounts/{account.public_id}/login"
    begun = api(account.owner).post(login).json()["login_url"]
    other = someone.log_in(begun, broker_user=someone.control.create_user())
    assert other.status_code == 409
    assert other.json()["type"].endswith("/errors/broker-user-mismatch")
    again = someone.log_in(api(account.owner).post(login).json()["login_url"])
    assert again.status_code == 200
    account.refresh_from_db()
    assert account.status == AccountStatus.ACTIVE


def test_a_login_that_the_giver_began_is_not_finished_by_them(
    trader: TraderFactory, api: Any
) -> None:
    someone = trader()
    account = someone.linked()
    begun = someone.api.post(f"/v1/trading-accounts/{account.public_id}/login").json()["login_url"]
    handed_over(api, MembershipFactory.create(account=account), keeps=["manage"])
    late = someone.log_in(begun)
    assert late.status_code == 400
    assert late.json()["type"].endswith("/errors/broker-login-state-invalid")
    account.refresh_from_db()
    assert account.status == AccountStatus.REAUTH_REQUIRED


def test_new_credentials_of_the_givers_that_no_login_has_proven_are_dropped(
    api: Any, member: Membership
) -> None:
    pending = CredentialVersionFactory.create(account=member.account, number=7)
    account = handed_over(api, member)
    pending.refresh_from_db()
    assert (pending.status, pending.secret) == (CredentialStatus.RETIRED, None)
    assert opened(account.credential_versions.current().get()).api_secret == API_SECRET


def test_invitations_in_the_givers_name_end_and_other_members_stay(
    api: Any, member: Membership
) -> None:
    account = member.account
    other = MembershipFactory.create(account=account)
    body = {"email": "friend@example.com", "permissions": ["read"]}
    members = f"/v1/trading-accounts/{account.public_id}/memberships"
    assert api(account.owner).post(members, body, format="json").status_code == 201
    handed_over(api, member)
    standing = account.memberships.standing()
    assert list(standing) == [other]


@pytest.mark.parametrize("keeps", [[], ["read"]])
def test_the_default_account_of_the_giver_goes_with_it_unless_they_reach_it_still(
    api: Any, member: Membership, keeps: list[str]
) -> None:
    giver, chosen = member.account.owner, member.account.public_id
    preferences.patch(user=giver, changes={"default_trading_account_id": chosen, "theme": "dark"})
    handed_over(api, member, keeps=keeps)
    values = Preferences.objects.get(user=giver).values
    assert values["theme"] == "dark"
    assert values.get("default_trading_account_id") == (chosen if keeps else None)


def test_the_receiver_keeps_their_default_account(api: Any, member: Membership) -> None:
    receiver, chosen = person_of(member), member.account.public_id
    preferences.patch(user=receiver, changes={"default_trading_account_id": chosen})
    handed_over(api, member)
    values = Preferences.objects.get(user=receiver).values
    assert values["default_trading_account_id"] == chosen


def test_what_is_told_and_written(api: Any, member: Membership, heard: Heard) -> None:
    giver, receiver = member.account.owner, person_of(member)
    heard.clear()
    account = handed_over(api, member, keeps=["read"])
    told = [event for event in heard if isinstance(event, OwnershipOffered | OwnershipTransferred)]
    assert [event.event_type for event in told] == [
        "trading_account.ownership.offered",
        "trading_account.ownership.transferred",
    ]
    assert [event.owner_id for event in told] == [giver.public_id, receiver.public_id]
    permissions = [event for event in heard if event.event_type == "permission.updated"]
    assert {event.subject_user_id for event in permissions} == {giver.public_id, receiver.public_id}
    rows = AuthEvent.objects.filter(event_type__startswith="trading.ownership.")
    assert {row.event_type for row in rows} == {
        "trading.ownership.offered",
        "trading.ownership.transferred",
    }
    for row in rows:
        assert row.metadata["trading_account_id"] == account.public_id


def test_a_giver_who_keeps_nothing_is_told_that_permissions_changed(
    api: Any, member: Membership, heard: Heard
) -> None:
    giver = member.account.owner
    handed_over(api, member)
    changes = {
        event.data()["change"]
        for event in heard
        if event.event_type == "permission.updated" and event.subject_user_id == giver.public_id
    }
    assert changes == {"ownership.transferred"}
