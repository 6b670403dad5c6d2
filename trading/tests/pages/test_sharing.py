"""My account, sharing: everything by forms, without a line of JavaScript."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Session, User
from accounts.models.user import UserStatus
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.second_factor import code_of
from authz.tests import shipped_rules
from config.http.problems import NotFoundError
from mfa.services import totp
from trading.models import Membership, MembershipStatus, OwnershipTransfer, TradingAccount
from trading.services import invitations, memberships
from trading.tests.factories import MembershipFactory, OwnershipTransferFactory, active_account

pytestmark = pytest.mark.django_db

PAGE = "/accounts/sharing"


@pytest.fixture(autouse=True)
def policies_in_force(db: None) -> None:
    shipped_rules.install()


def browser_of(user: User, *, proven: bool = False) -> Client:
    """The browser of somebody who has signed in; `proven`: with a second factor, just now."""
    user.set_password(PASSWORD)
    user.save()
    browser = Client()
    browser.post("/accounts/sign-in", {"email": user.email, "password": PASSWORD})
    if proven:
        Session.objects.filter(user=user).update(acr="mfa", auth_time=timezone.now())
    return browser


def shown(browser: Client) -> str:
    answer = browser.get(PAGE)
    assert answer.status_code == 200
    assert "<script" not in answer.content.decode()
    return str(answer.content.decode())


def press(browser: Client, page: str, part: str, **fields: Any) -> Any:
    """Send the first form of the page whose address has `part` in it."""
    [action, *_] = [one for one in re.findall(r'action="([^"]+)"', page) if part in one]
    return browser.post(action, fields)


def invited(account: TradingAccount, email: str, *permissions: str) -> Membership:
    return invitations.invite(
        account=account,
        granted_by=account.owner,
        email=email,
        permissions=permissions or ("read",),
    )


def test_strangers_sign_in_first_and_come_back() -> None:
    assert Client().get(PAGE)["Location"] == "/accounts/sign-in?next=%2Faccounts%2Fsharing"
    assert Client().post(f"{PAGE}/offers/own_x/accept")["Location"].startswith("/accounts/sign-in")


def test_it_is_linked_from_my_account() -> None:
    assert PAGE in browser_of(UserFactory.create()).get("/accounts/").content.decode()


def test_whoever_registers_later_finds_the_invitation_and_accepts_it() -> None:
    account = active_account(nickname="Pension")
    invited(account, "late@example.com", "read", "trade")
    newcomer = UserFactory.create(
        email="late@example.com", status=UserStatus.ACTIVE, email_verified_at=timezone.now()
    )
    browser = browser_of(newcomer)
    page = shown(browser)
    assert "Pension" in page
    assert account.owner.name in page
    assert "trade with it" in page
    press(browser, page, "/accept")
    membership = Membership.objects.get()
    assert (membership.user, membership.status) == (newcomer, MembershipStatus.ACTIVE)
    assert "shared with you now" in shown(browser)


def test_an_invitation_is_declined() -> None:
    guest = UserFactory.create()
    invited(active_account(), guest.email)
    browser = browser_of(guest)
    press(browser, shown(browser), "/decline")
    assert Membership.objects.get().status == MembershipStatus.DECLINED


def test_a_member_leaves() -> None:
    member = MembershipFactory.create(account=active_account())
    browser = browser_of(member.user)
    press(browser, shown(browser), "/leave")
    member.refresh_from_db()
    assert member.status == MembershipStatus.LEFT


def test_an_owner_invites_until_the_end_of_a_day_of_theirs() -> None:
    account = active_account(owner=UserFactory.create(timezone="Asia/Kolkata"))
    browser = browser_of(account.owner)
    day = timezone.now().date() + timedelta(days=10)
    sent = press(
        browser,
        shown(browser),
        "/invite",
        email="Friend@Example.com",
        permissions=["read", "trade"],
        until=day.isoformat(),
    )
    assert sent.status_code == 302
    membership = Membership.objects.get()
    assert (membership.invited_email, membership.permissions) == (
        "friend@example.com",
        ["read", "trade"],
    )
    assert membership.expires_at is not None
    assert membership.expires_at.isoformat() == f"{day}T18:30:00+00:00"
    assert "friend@example.com" in shown(browser)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"email": "nobody"}, "Enter a valid email address"),
        ({"permissions": []}, "This field is required"),
        ({"permissions": ["own"]}, "not one of the available choices"),
        ({"until": "2001-01-01"}, "This day is over"),
    ],
)
def test_a_malformed_invitation_comes_back_with_what_is_wrong(
    change: dict[str, Any], told: str
) -> None:
    account = active_account()
    browser = browser_of(account.owner)
    fields = {"email": "friend@example.com", "permissions": ["read"]} | change
    answer = press(browser, shown(browser), "/invite", **fields)
    assert answer.status_code == 400
    assert told in answer.content.decode()
    assert not Membership.objects.exists()


def test_a_refusal_is_told_on_the_page() -> None:
    account = active_account()
    browser = browser_of(account.owner)
    press(browser, shown(browser), "/invite", email=account.owner.email, permissions=["read"])
    assert "not valid" in shown(browser)
    invited(account, "friend@example.com")
    press(browser, shown(browser), "/invite", email="friend@example.com", permissions=["read"])
    assert "Invited already" in shown(browser)


def test_an_invitation_is_sent_again_five_times_a_day_and_taken_back() -> None:
    account = active_account()
    membership = invited(account, "friend@example.com")
    browser = browser_of(account.owner)
    page = shown(browser)
    for _ in range(5):
        press(browser, page, "/resend")
    assert "sent again" in shown(browser)
    press(browser, page, "/resend")
    assert "Too many requests" in shown(browser)
    press(browser, page, "/revoke")
    membership.refresh_from_db()
    assert membership.status == MembershipStatus.REVOKED


def test_a_member_is_revoked() -> None:
    member = MembershipFactory.create(account=active_account())
    browser = browser_of(member.account.owner)
    press(browser, shown(browser), "/revoke")
    member.refresh_from_db()
    assert member.status == MembershipStatus.REVOKED


def test_who_manages_sees_the_members_and_others_do_not() -> None:
    account = active_account()
    manager = MembershipFactory.create(account=account, permissions=["manage", "read"])
    reader = MembershipFactory.create(account=account)
    assert reader.user.name in shown(browser_of(manager.user))
    assert manager.user.name not in shown(browser_of(reader.user))
    assert "/offer" not in shown(browser_of(manager.user))


def test_pages_change_nothing_of_strangers() -> None:
    member = MembershipFactory.create(account=active_account())
    offer = OwnershipTransferFactory.create(membership=member)
    account, membership = member.account.public_id, member.public_id
    stranger = browser_of(UserFactory.create(), proven=True)
    reader = browser_of(MembershipFactory.create(account=member.account).user, proven=True)
    for browser in (stranger, reader):
        for path in (
            f"{account}/members/{membership}/revoke",
            f"{account}/members/{membership}/resend",
            f"{account}/invite",
            f"{account}/offer",
            f"{account}/withdraw",
            f"memberships/{membership}/leave",
            f"invitations/{membership}/accept",
            f"invitations/{membership}/decline",
            f"offers/{offer.public_id}/accept",
            f"offers/{offer.public_id}/decline",
        ):
            fields = {"email": "x@example.com", "permissions": ["read"], "membership": membership}
            assert browser.post(f"{PAGE}/{path}", fields)["Location"] == PAGE, path
    member.refresh_from_db()
    offer.refresh_from_db()
    assert (member.status, offer.status) == (MembershipStatus.ACTIVE, "offered")
    assert Membership.objects.count() == 2


def test_forms_of_other_sites_do_nothing() -> None:
    member = MembershipFactory.create(account=active_account())
    browser = Client(enforce_csrf_checks=True)
    assert browser.post(f"{PAGE}/memberships/{member.public_id}/leave").status_code == 403


def test_an_account_changes_hands_by_pages() -> None:
    member = MembershipFactory.create(account=active_account(nickname="Family"))
    account, giver = member.account, member.account.owner
    first = browser_of(giver, proven=True)
    press(first, shown(first), "/offer", membership=member.public_id, keeps=["read"])
    page = shown(first)
    assert "Offered to" in page
    second = browser_of(member.user, proven=True)
    press(second, shown(second), "/offers/")
    account.refresh_from_db()
    assert account.owner == member.user
    assert "The account is yours" in shown(second)
    assert "/leave" in shown(first)


def test_an_offer_is_taken_back_or_declined_by_pages() -> None:
    member = MembershipFactory.create(account=active_account())
    OwnershipTransferFactory.create(membership=member)
    owner = browser_of(member.account.owner)
    press(owner, shown(owner), "/withdraw")
    offer = OwnershipTransferFactory.create(membership=member)
    receiver = browser_of(member.user)
    press(receiver, shown(receiver), f"{offer.public_id}/decline")
    statuses = OwnershipTransfer.objects.order_by("id").values_list("status", flat=True)
    assert list(statuses) == ["withdrawn", "declined"]


@pytest.mark.parametrize(
    ("has_a_factor", "first"), [(True, "/accounts/prove-yourself"), (False, "/accounts/security")]
)
def test_giving_and_taking_want_a_second_factor(has_a_factor: bool, first: str) -> None:
    member = MembershipFactory.create(account=active_account())
    offer = OwnershipTransferFactory.create(membership=member)
    for person, path in (
        (member.account.owner, f"{member.account.public_id}/offer"),
        (member.user, f"offers/{offer.public_id}/accept"),
    ):
        browser = browser_of(person)
        if has_a_factor:
            enrolled(person)
        answer = browser.post(f"{PAGE}/{path}", {"membership": member.public_id})
        assert answer["Location"] == f"{first}?next=%2Faccounts%2Fsharing"
    member.account.refresh_from_db()
    assert member.account.owner != member.user


def enrolled(person: User) -> None:
    enrolment = totp.enroll(user=person)
    totp.confirm(user=person, code=code_of(enrolment.secret))


def test_leaving_is_for_the_member_alone() -> None:
    member = MembershipFactory.create()
    with pytest.raises(NotFoundError):
        memberships.leave(membership_id=member.pk, member=member.account.owner)
