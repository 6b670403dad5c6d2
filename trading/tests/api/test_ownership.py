"""An account is offered to a member, who takes it over or does not."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Preferences, User
from accounts.services import preferences, status
from accounts.tests.factories import UserFactory
from audit.models import AuthEvent
from authz.services import decisions
from events.domain import DomainEvent
from trading.events import OwnershipOffered, OwnershipOfferEnded, OwnershipTransferred
from trading.models import (
    AccountStatus,
    BrokerSession,
    CredentialStatus,
    Membership,
    MembershipStatus,
    OwnershipTransfer,
    SessionEnd,
    TradingAccount,
    TransferStatus,
)
from trading.services import expiry, memberships, suspension
from trading.services.credentials import opened
from trading.tests.conftest import TraderFactory
from trading.tests.factories import (
    API_SECRET,
    CredentialVersionFactory,
    MembershipFactory,
    OwnershipTransferFactory,
    TradingAccountFactory,
    active_account,
)

pytestmark = pytest.mark.django_db

Heard = list[DomainEvent]


@pytest.fixture
def member(simulator: Any) -> Membership:
    """Somebody with whom an active account is shared. The broker listens."""
    membership: Membership = MembershipFactory.create(
        account=active_account(nickname="Family"), permissions=["read", "trade"]
    )
    return membership


def url(account: TradingAccount) -> str:
    return f"/v1/trading-accounts/{account.public_id}/ownership-transfer"


def person_of(membership: Membership) -> User:
    assert membership.user is not None
    return membership.user


def offer(api: Any, membership: Membership, **more: Any) -> Any:
    account = membership.account
    body = {"membership_id": membership.public_id} | more
    return api(account.owner, acr="mfa").post(url(account), body, format="json")


def answer(api: Any, user: User, transfer_id: str, word: str = "accept") -> Any:
    return api(user, acr="mfa").post(f"/v1/ownership-transfers/{transfer_id}/{word}")


def handed_over(api: Any, membership: Membership, **more: Any) -> TradingAccount:
    offered = offer(api, membership, **more)
    assert offered.status_code == 201, offered.content
    accepted = answer(api, person_of(membership), offered.json()["id"])
    assert accepted.status_code == 200, accepted.content
    return TradingAccount.objects.get(pk=membership.account_id)


def allowed(user: User, account: TradingAccount, action: str) -> bool:
    return decisions.check(
        subject=f"user:{user.public_id}",
        action=action,
        resource=account.entity,
        context={"acr": "mfa"},
    ).allowed


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


def test_both_sides_prove_a_second_factor(api: Any, member: Membership) -> None:
    owner, body = member.account.owner, {"membership_id": member.public_id}
    refused = api(owner).post(url(member.account), body, format="json")
    assert refused.status_code == 401
    assert 'acr_values="mfa"' in refused["WWW-Authenticate"]
    assert not OwnershipTransfer.objects.exists()
    offered = offer(api, member).json()["id"]
    accept = f"/v1/ownership-transfers/{offered}/accept"
    assert api(person_of(member)).post(accept).status_code == 401
    member.account.refresh_from_db()
    assert member.account.owner == owner


def test_only_the_owner_offers_and_takes_back(api: Any, member: Membership) -> None:
    manager = MembershipFactory.create(
        account=member.account, permissions=["manage", "read", "trade"]
    )
    client = api(manager.user, acr="mfa")
    body = {"membership_id": manager.public_id}
    assert client.post(url(member.account), body, format="json").status_code == 403
    offer(api, member)
    assert client.get(url(member.account)).status_code == 403
    assert client.delete(url(member.account)).status_code == 403
    assert OwnershipTransfer.objects.standing().count() == 1


def test_only_a_member_of_that_account_is_offered_it(api: Any, member: Membership) -> None:
    elsewhere = MembershipFactory.create(account=active_account())
    gone = MembershipFactory.create(
        account=member.account, expires_at=timezone.now() - timedelta(seconds=1)
    )
    suspended = MembershipFactory.create(account=member.account)
    status.suspend(user=person_of(suspended), reason="a court order")
    owner = api(member.account.owner, acr="mfa")
    for nobody in (elsewhere.public_id, gone.public_id, suspended.public_id, "mem_x", "own_y"):
        refused = owner.post(url(member.account), {"membership_id": nobody}, format="json")
        assert refused.status_code == 404, nobody


def test_nobody_else_answers_an_offer(api: Any, member: Membership) -> None:
    offered = offer(api, member).json()["id"]
    other = MembershipFactory.create(account=member.account).user
    for who in (UserFactory.create(), other, member.account.owner):
        for word in ("accept", "decline"):
            assert answer(api, who, offered, word).status_code == 404
    assert answer(api, person_of(member), "own_x").status_code == 404


def test_a_declined_offer_is_over(api: Any, member: Membership) -> None:
    offered = offer(api, member).json()["id"]
    declined = answer(api, person_of(member), offered, "decline")
    assert declined.json()["status"] == "declined"
    assert answer(api, person_of(member), offered).status_code == 404
    member.refresh_from_db()
    assert member.status == MembershipStatus.ACTIVE
    assert offer(api, member).status_code == 201


def test_an_offer_is_taken_back(api: Any, member: Membership) -> None:
    offered = offer(api, member).json()["id"]
    owner = api(member.account.owner)
    assert owner.get(url(member.account)).json()["id"] == offered
    assert owner.delete(url(member.account)).status_code == 204
    assert owner.delete(url(member.account)).status_code == 404
    assert owner.get(url(member.account)).status_code == 404
    assert answer(api, person_of(member), offered).status_code == 404


def test_one_offer_at_a_time(api: Any, member: Membership) -> None:
    offer(api, member)
    again = offer(api, MembershipFactory.create(account=member.account))
    assert again.status_code == 409
    assert again.json()["type"].endswith("/errors/ownership-offered")


def test_an_offer_is_good_for_its_time(api: Any, member: Membership, heard: Heard) -> None:
    offered = offer(api, member).json()["id"]
    with time_machine.travel(timezone.now() + timedelta(days=4), tick=True):
        assert answer(api, person_of(member), offered).status_code == 404
        assert api(person_of(member)).get("/v1/ownership-transfers").json()["results"] == []
        assert expiry.end_overdue_offers() == 1
        assert expiry.end_overdue_offers() == 0
        assert offer(api, member).status_code == 201
    ended = [event for event in heard if isinstance(event, OwnershipOfferEnded)]
    assert [event.reason for event in ended] == ["expired"]


def test_an_overdue_offer_is_in_nobodys_way(api: Any, member: Membership) -> None:
    OwnershipTransferFactory.create(
        membership=member, expires_at=timezone.now() - timedelta(seconds=1)
    )
    assert offer(api, member).status_code == 201
    statuses = OwnershipTransfer.objects.values_list("status", flat=True)
    assert sorted(statuses) == [TransferStatus.EXPIRED, TransferStatus.OFFERED]


def test_an_offer_ends_with_the_membership(api: Any, member: Membership, heard: Heard) -> None:
    offered = offer(api, member).json()["id"]
    memberships.revoke(membership_id=member.pk, revoked_by=person_of(member))
    assert answer(api, person_of(member), offered).status_code == 404
    transfer = OwnershipTransfer.objects.get()
    assert transfer.status == TransferStatus.OVERTAKEN
    assert "trading_account.ownership.offer_ended" in [event.event_type for event in heard]


def test_a_membership_that_runs_out_takes_the_offer_along_whether_or_not_anybody_has_noted_it(
    api: Any, member: Membership
) -> None:
    member.expires_at = timezone.now() + timedelta(hours=1)
    member.save()
    offered = offer(api, member).json()["id"]
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=True):
        assert answer(api, person_of(member), offered).status_code == 404


def test_unlinking_takes_the_offer_along(api: Any, member: Membership) -> None:
    offered = offer(api, member).json()["id"]
    account = f"/v1/trading-accounts/{member.account.public_id}"
    assert api(member.account.owner, acr="mfa").delete(account).status_code == 204
    assert answer(api, person_of(member), offered).status_code == 404
    assert OwnershipTransfer.objects.get().status == TransferStatus.OVERTAKEN


@pytest.mark.parametrize(
    ("stop", "told"),
    [(status.suspend, "owner_suspended"), (status.deactivate, "owner_deactivated")],
)
def test_an_owner_who_is_stopped_gives_nothing_away(
    api: Any, member: Membership, stop: Any, told: str
) -> None:
    offered = offer(api, member).json()["id"]
    stop(user=member.account.owner, reason="a court order")
    refused = answer(api, person_of(member), offered)
    assert (refused.status_code, refused.json()["account_status"]) == (409, told)
    assert TradingAccount.objects.get().owner == member.account.owner
    assert OwnershipTransfer.objects.standing().exists()


def test_a_receiver_who_is_stopped_takes_nothing(api: Any, member: Membership) -> None:
    offered = offer(api, member).json()["id"]
    status.suspend(user=person_of(member), reason="a court order")
    assert answer(api, person_of(member), offered).status_code == 404


def test_a_suspended_account_stays_where_it_is(api: Any, member: Membership) -> None:
    offered = offer(api, member).json()["id"]
    suspension.suspend(account_id=member.account.pk, reason="a court order")
    refused = answer(api, person_of(member), offered)
    assert (refused.status_code, refused.json()["account_status"]) == (409, "suspended")
    member.account.refresh_from_db()
    assert member.account.owner != person_of(member)


@pytest.mark.parametrize("state", [AccountStatus.PENDING_LOGIN, AccountStatus.INVALID])
def test_an_account_that_is_not_in_order_is_not_offered(api: Any, state: AccountStatus) -> None:
    member = MembershipFactory.create(account=TradingAccountFactory.create(status=state))
    refused = offer(api, member)
    assert (refused.status_code, refused.json()["account_status"]) == (409, state)


@pytest.mark.parametrize("body", [{}, {"membership_id": 1, "keeps": ["own"]}, {"to": "usr_x"}])
def test_a_malformed_offer_is_refused(api: Any, member: Membership, body: Any) -> None:
    owner = api(member.account.owner, acr="mfa")
    assert owner.post(url(member.account), body, format="json").status_code == 400


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
