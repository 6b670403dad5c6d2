"""Sharing begins with an invitation to an address."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts.models.user import UserStatus
from accounts.tests.factories import UserFactory
from audit.models import AuthEvent
from trading.models import Membership, MembershipStatus, TradingAccount
from trading.tests.factories import MembershipFactory, active_account

pytestmark = pytest.mark.django_db


def url(account: TradingAccount, membership: str = "") -> str:
    tail = f"/{membership}" if membership else ""
    return f"/v1/trading-accounts/{account.public_id}/memberships{tail}"


def invite(client: Any, account: TradingAccount, email: str, **more: Any) -> Any:
    body = {"email": email, "permissions": ["read"]} | more
    return client.post(url(account), body, format="json")


def test_the_invited_person_accepts_and_sees_the_account(api: Any) -> None:
    account, guest = active_account(), UserFactory.create()
    invited = invite(api(account.owner), account, guest.email, permissions=["trade", "read"])
    assert invited.status_code == 201
    assert invited.json()["status"] == "invited"
    assert api(guest).get(f"/v1/trading-accounts/{account.public_id}").status_code == 404

    accepted = api(guest).post(f"/v1/memberships/{invited.json()['id']}/accept")
    assert accepted.status_code == 200
    assert accepted.json()["status"] == "active"
    assert accepted.json()["user"] == {"id": guest.public_id, "name": guest.name}
    shown = api(guest).get(f"/v1/trading-accounts/{account.public_id}").json()
    assert shown["your_permissions"] == ["read", "trade"]
    assert [one["id"] for one in api(guest).get("/v1/trading-accounts").json()["results"]] == [
        account.public_id
    ]


def test_an_unknown_address_is_answered_like_a_known_one(api: Any) -> None:
    account, guest = active_account(), UserFactory.create()
    known = invite(api(account.owner), account, guest.email)
    unknown = invite(api(account.owner), account, "nobody-yet@example.com")
    assert known.status_code == unknown.status_code == 201
    assert set(known.json()) == set(unknown.json())
    own_words = {"id", "email", "created_at", "invitation_expires_at"}
    assert {k: v for k, v in known.json().items() if k not in own_words} == {
        k: v for k, v in unknown.json().items() if k not in own_words
    }


def test_whoever_verifies_the_address_later_finds_the_invitation(api: Any) -> None:
    account = active_account()
    invited = invite(api(account.owner), account, "Late.Comer@Example.com").json()
    newcomer = UserFactory.create(
        email="late.comer@example.com",
        status=UserStatus.PENDING_VERIFICATION,
        email_verified_at=None,
    )
    accept = f"/v1/memberships/{invited['id']}/accept"
    assert api(newcomer).get("/v1/memberships").json()["results"] == []
    assert api(newcomer).post(accept).status_code == 404
    newcomer.status, newcomer.email_verified_at = UserStatus.ACTIVE, timezone.now()
    newcomer.save()
    listed = api(newcomer).get("/v1/memberships").json()["results"]
    assert [one["id"] for one in listed] == [invited["id"]]
    assert api(newcomer).post(accept).status_code == 200


def test_nobody_else_can_accept_or_decline(api: Any) -> None:
    account, guest, stranger = active_account(), UserFactory.create(), UserFactory.create()
    invited = invite(api(account.owner), account, guest.email).json()
    for who in (stranger, account.owner):
        for answer in ("accept", "decline"):
            refused = api(who).post(f"/v1/memberships/{invited['id']}/{answer}")
            assert refused.status_code == 404
    assert Membership.objects.get().status == MembershipStatus.INVITED


def test_what_is_no_invitation_is_not_found(api: Any) -> None:
    for nonsense in ("mem_x", "acc_01h455vb4pex5vsknk084sn02q", "%00"):
        accept = f"/v1/memberships/{nonsense}/accept"
        assert api(UserFactory.create()).post(accept).status_code == 404


def test_an_invitation_is_accepted_once(api: Any) -> None:
    account, guest = active_account(), UserFactory.create()
    invited = invite(api(account.owner), account, guest.email).json()
    accept = f"/v1/memberships/{invited['id']}/accept"
    assert api(guest).post(accept).status_code == 200
    assert api(guest).post(accept).status_code == 404
    assert Membership.objects.count() == 1


def test_a_declined_invitation_is_over_and_the_address_forgotten(api: Any) -> None:
    account, guest = active_account(), UserFactory.create()
    invited = invite(api(account.owner), account, guest.email).json()
    declined = api(guest).post(f"/v1/memberships/{invited['id']}/decline")
    assert declined.json()["status"] == "declined"
    assert api(guest).post(f"/v1/memberships/{invited['id']}/accept").status_code == 404
    assert Membership.objects.get().invited_email == ""
    assert api(account.owner).get(url(account)).json()["results"] == []
    assert invite(api(account.owner), account, guest.email).status_code == 201


def test_an_invitation_is_good_for_its_time(api: Any) -> None:
    account, guest = active_account(), UserFactory.create()
    invited = invite(api(account.owner), account, guest.email).json()
    with time_machine.travel(timezone.now() + timedelta(days=15), tick=True):
        assert api(guest).post(f"/v1/memberships/{invited['id']}/accept").status_code == 404
        assert invite(api(account.owner), account, guest.email).status_code == 201
    assert {row.status for row in Membership.objects.all()} == {
        MembershipStatus.EXPIRED,
        MembershipStatus.INVITED,
    }


def test_an_address_is_invited_once_at_a_time(api: Any) -> None:
    account, guest = active_account(), UserFactory.create()
    invite(api(account.owner), account, guest.email)
    again = invite(api(account.owner), account, guest.email.upper())
    assert again.status_code == 409
    assert again.json()["type"].endswith("/errors/membership-exists")


def test_a_member_is_not_invited_again(api: Any) -> None:
    member = MembershipFactory.create()
    again = invite(api(member.account.owner), member.account, member.user.email)
    assert again.status_code == 409


def test_a_member_whose_time_is_over_can_be_invited_again(api: Any) -> None:
    account = active_account()
    member = MembershipFactory.create(
        account=account, expires_at=timezone.now() - timedelta(seconds=1)
    )
    invited = invite(api(account.owner), account, member.user.email)
    assert invited.status_code == 201
    accepted = api(member.user).post(f"/v1/memberships/{invited.json()['id']}/accept")
    assert accepted.status_code == 200
    member.refresh_from_db()
    assert member.status == MembershipStatus.EXPIRED


def test_the_owner_cannot_be_a_guest(api: Any) -> None:
    account = active_account()
    refused = invite(api(account.owner), account, account.owner.email.upper())
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"] == "email"


def test_an_owner_who_takes_over_an_invited_address_is_still_no_guest(api: Any) -> None:
    account = active_account()
    invited = invite(api(account.owner), account, "second@example.com").json()
    account.owner.email = "second@example.com"
    account.owner.save()
    refused = api(account.owner).post(f"/v1/memberships/{invited['id']}/accept")
    assert refused.status_code == 409


def resend(client: Any, account: TradingAccount, membership_id: str) -> Any:
    return client.post(f"{url(account, membership_id)}/resend")


def test_an_invitation_is_mailed_again_and_good_for_its_whole_time_again(
    api: Any, django_capture_on_commit_callbacks: Any
) -> None:
    account, guest = active_account(), UserFactory.create()
    invited = invite(api(account.owner), account, guest.email).json()
    with time_machine.travel(timezone.now() + timedelta(days=13), tick=True):
        with django_capture_on_commit_callbacks(execute=True):
            again = resend(api(account.owner), account, invited["id"])
        assert [message.to for message in mail.outbox] == [[guest.email]]
    assert again.json()["invitation_expires_at"] > invited["invitation_expires_at"]
    assert AuthEvent.objects.filter(event_type="trading.membership.invitation_resent").exists()
    with time_machine.travel(timezone.now() + timedelta(days=20), tick=True):
        assert api(guest).post(f"/v1/memberships/{invited['id']}/accept").status_code == 200


def test_what_was_accepted_or_is_over_is_not_mailed_again(api: Any) -> None:
    member = MembershipFactory.create()
    owner = api(member.account.owner)
    assert resend(owner, member.account, member.public_id).status_code == 404
    invited = invite(owner, member.account, "friend@example.com").json()["id"]
    owner.delete(url(member.account, invited))
    assert resend(owner, member.account, invited).status_code == 404


def test_members_mail_again_only_what_they_might_have_invited_to(api: Any) -> None:
    account = active_account()
    manager = MembershipFactory.create(account=account, permissions=["manage", "read"])
    reader = MembershipFactory.create(account=account, permissions=["read"])
    invited = invite(api(account.owner), account, "friend@example.com", permissions=["trade"])
    for member, problem in ((manager, "grant-exceeds-own"), (reader, "forbidden")):
        refused = resend(api(member.user), account, invited.json()["id"])
        assert refused.status_code == 403
        assert refused.json()["type"].endswith(f"/errors/{problem}")


@pytest.mark.parametrize("known", [True, False])
def test_five_mails_a_day_go_to_one_address_about_one_account(api: Any, known: bool) -> None:
    account = active_account()
    owner = api(account.owner)
    address = UserFactory.create().email if known else "nobody-yet@example.com"
    statuses = []
    for _ in range(3):
        invited = invite(owner, account, address)
        statuses.append(invited.status_code)
        if invited.status_code == 201:
            statuses.append(resend(owner, account, invited.json()["id"]).status_code)
            owner.delete(url(account, invited.json()["id"]))
    assert statuses == [201, 200, 201, 200, 201, 429]
    assert invite(owner, account, "somebody-else@example.com").status_code == 201
    other = active_account()
    assert invite(api(other.owner), other, address).status_code == 201


def test_lists_show_invitations_alone_or_memberships_alone(api: Any) -> None:
    member = MembershipFactory.create()
    owner, account = api(member.account.owner), member.account
    sent = invite(owner, account, "friend@example.com").json()["id"]
    other = active_account()
    received = invite(api(other.owner), other, member.user.email).json()["id"]
    mine = api(member.user)
    for client, path, invited in (
        (owner, url(account), sent),
        (mine, "/v1/memberships", received),
    ):
        for wanted, found in (("invited", invited), ("active", member.public_id)):
            shown = client.get(path, {"status": wanted}).json()["results"]
            assert [one["id"] for one in shown] == [found]
        assert len(client.get(path).json()["results"]) == 2
        assert client.get(path, {"status": "left"}).status_code == 400


def test_lists_come_in_pages(api: Any) -> None:
    account, guest = active_account(), UserFactory.create()
    sent = [invite(api(account.owner), account, f"g{n}@example.com").json()["id"] for n in range(3)]
    received = []
    for _ in range(3):
        other = active_account()
        received.append(invite(api(other.owner), other, guest.email).json()["id"])
    for client, path, ids in (
        (api(account.owner), url(account), sent),
        (api(guest), "/v1/memberships", received),
    ):
        first = client.get(path, {"limit": 2, "status": "invited"}).json()
        rest = client.get(
            path, {"limit": 2, "status": "invited", "cursor": first["next_cursor"]}
        ).json()
        assert [one["id"] for one in first["results"] + rest["results"]] == ids[::-1]
        assert rest["next_cursor"] is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"permissions": []}, "permissions"),
        ({"permissions": ["own"]}, "permissions.0"),
        ({"permissions": "read"}, "permissions"),
        ({"email": "nobody"}, "email"),
        ({"expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
        ({"user": "usr_x"}, "user"),
    ],
)
def test_a_malformed_invitation_is_refused_by_field(
    api: Any, change: dict[str, Any], field: str
) -> None:
    account = active_account()
    body = {"email": "guest@example.com", "permissions": ["read"]} | change
    refused = api(account.owner).post(url(account), body, format="json")
    assert refused.status_code == 400
    assert field in {error["field"] for error in refused.json()["errors"]}
