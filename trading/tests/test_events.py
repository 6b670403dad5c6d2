"""What the rest of the platform hears."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from config.http.context import RequestContext, acting
from events.domain import DomainEvent
from trading.errors import BrokerLoginNeededError
from trading.events import (
    AccountDegraded,
    AccountLinked,
    AccountLoggedIn,
    AccountRecovered,
    AccountUnlinked,
    CredentialsInvalid,
    CredentialsRotated,
    MembershipGranted,
    MembershipInvited,
    MembershipRevoked,
    MembershipUpdated,
    ReauthRequired,
)
from trading.services import invitations, memberships, sync, unlinking
from trading.tests.conftest import TraderFactory
from trading.tests.factories import MembershipFactory, active_account

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped_policies")]

Heard = list[DomainEvent]


def outside(heard: Heard) -> list[str]:
    """The types that leave the service."""
    return [event.event_type for event in heard if event.event_type.startswith("trading_account.")]


@pytest.mark.parametrize(
    ("event", "event_type", "channel"),
    [
        (AccountDegraded, "trading_account.degraded", ""),
        (AccountRecovered, "trading_account.recovered", ""),
        (AccountLinked, "trading_account.linked", ""),
        (AccountLoggedIn, "trading_account.logged_in", ""),
        (ReauthRequired, "trading_account.reauth_required", ""),
        (CredentialsRotated, "trading_account.credentials.rotated", ""),
        (CredentialsInvalid, "trading_account.credentials.invalid", ""),
        (AccountUnlinked, "trading_account.unlinked", ""),
        (
            MembershipInvited,
            "trading_account.membership.invited",
            "trading_account.membership_invited",
        ),
        (
            MembershipGranted,
            "trading_account.membership.granted",
            "trading_account.membership_granted",
        ),
        (
            MembershipUpdated,
            "trading_account.membership.updated",
            "trading_account.membership_updated",
        ),
        (
            MembershipRevoked,
            "trading_account.membership.revoked",
            "trading_account.membership_revoked",
        ),
    ],
)
def test_the_names_are_those_that_were_published(
    event: type[DomainEvent], event_type: str, channel: str
) -> None:
    assert (event.full_type(), event.channel) == (f"{event_type}.v1", channel)


def test_an_accounts_life_is_told_in_order(trader: TraderFactory, heard: Heard) -> None:
    someone = trader()
    account = someone.linked()
    sync.refresh(account_id=account.pk)
    someone.app = someone.control.change_secret(someone.app.api_key)
    for secret in ("mistyped", ""):
        rotated = someone.api.post(
            f"/v1/trading-accounts/{account.public_id}/rotate-credentials",
            {"credentials": someone.credentials(api_secret=secret)},
            format="json",
        ).json()
        someone.log_in(rotated["login_url"])
    someone.control.end_sessions()
    with pytest.raises(BrokerLoginNeededError):
        sync.refresh(account_id=account.pk)
    unlinking.unlink(account_id=account.pk, owner_id=account.owner_id)
    assert outside(heard) == [
        "trading_account.linked",
        "trading_account.profile.synced",
        "trading_account.credentials.invalid",
        "trading_account.credentials.rotated",
        "trading_account.reauth_required",
        "trading_account.unlinked",
    ]
    for event in heard:
        if event.aggregate_type == "trading_account":
            assert event.aggregate_id == account.public_id
            assert event.subject_user_id == someone.user.public_id
            told = str(event.data()) + str(event.audit_metadata())
            assert someone.app.api_secret not in told
            assert someone.broker_user.user_id not in told


def test_a_memberships_life_is_told_and_touches_the_member(heard: Heard) -> None:
    account, guest = active_account(), UserFactory.create()
    invited = invitations.invite(
        account=account, granted_by=account.owner, email=guest.email, permissions=["read"]
    )
    invitations.accept(membership_id=invited.pk, user=guest)
    memberships.update(
        membership_id=invited.pk, changed_by=account.owner, permissions=["read", "trade"]
    )
    memberships.revoke(membership_id=invited.pk, revoked_by=account.owner)
    assert outside(heard) == [
        "trading_account.membership.invited",
        "trading_account.membership.granted",
        "trading_account.membership.updated",
        "trading_account.membership.revoked",
    ]
    told = [event for event in heard if event.event_type.startswith("trading_account.")]
    assert guest.email not in str([event.data() for event in told])
    member = f"user:{guest.public_id}"
    assert [member in event.touches for event in told] == [False, True, True, True]
    for event in heard:
        if event.event_type == "permission.updated":
            assert event.aggregate_id == event.subject_user_id == guest.public_id
    changes = [event.data() for event in heard if event.event_type == "permission.updated"]
    assert [(change["change"], change["user_id"], change["by"]) for change in changes] == [
        ("membership.granted", guest.public_id, "system"),
        ("membership.updated", guest.public_id, "system"),
        ("membership.revoked", guest.public_id, "system"),
    ]


def test_who_changed_a_permission_is_told(heard: Heard) -> None:
    guest = MembershipFactory.create(account=active_account())
    owner = guest.account.owner
    with acting(RequestContext(actor_type="user", actor_id=owner.public_id)):
        memberships.revoke(membership_id=guest.pk, revoked_by=owner)
    (change,) = [event.data() for event in heard if event.event_type == "permission.updated"]
    assert change["by"] == f"user:{owner.public_id}"


def test_unlinking_tells_of_every_membership_that_it_ends(heard: Heard, simulator: Any) -> None:
    account = active_account()
    guests = [MembershipFactory.create(account=account) for _ in range(2)]
    unlinking.unlink(account_id=account.pk, owner_id=account.owner_id)
    ended = [event for event in heard if isinstance(event, MembershipRevoked)]
    assert {(event.membership_id, event.reason) for event in ended} == {
        (guest.public_id, "unlinked") for guest in guests
    }


def test_times_are_told_as_text() -> None:
    event = AccountLinked(
        trading_account_id="acc_x", owner_id="usr_x", broker="kite", reauth_by=timezone.now()
    )
    assert isinstance(event.data()["reauth_by"], str)
