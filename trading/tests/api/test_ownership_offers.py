"""Offers of an account: who makes and answers them, and how they end."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.services import status
from accounts.tests.factories import UserFactory
from events.domain import DomainEvent
from trading.events import OwnershipOfferEnded
from trading.models import (
    AccountStatus,
    Membership,
    MembershipStatus,
    OwnershipTransfer,
    TradingAccount,
    TransferStatus,
)
from trading.services import expiry, memberships, suspension
from trading.tests.factories import (
    MembershipFactory,
    OwnershipTransferFactory,
    TradingAccountFactory,
    active_account,
)
from trading.tests.giving import answer, offer, person_of, url

pytestmark = pytest.mark.django_db

Heard = list[DomainEvent]


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


def test_a_paper_account_stays_its_persons(api: Any) -> None:
    member = MembershipFactory.create(account=active_account(broker="paper"))
    refused = offer(api, member)
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("/errors/trading-account-not-transferable")


@pytest.mark.parametrize("body", [{}, {"membership_id": 1, "keeps": ["own"]}, {"to": "usr_x"}])
def test_a_malformed_offer_is_refused(api: Any, member: Membership, body: Any) -> None:
    owner = api(member.account.owner, acr="mfa")
    assert owner.post(url(member.account), body, format="json").status_code == 400
