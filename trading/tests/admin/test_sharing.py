"""Invitations, memberships and offers of ownership on the console."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.tests.factories import UserFactory
from events.tests.staff import browser_of
from trading.models import Membership, MembershipStatus
from trading.tests.factories import MembershipFactory, OwnershipTransferFactory, active_account

MEMBERSHIPS = "/console/trading/membership/"
TRANSFERS = "/console/trading/ownershiptransfer/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def support() -> Client:
    return browser_of("support")


def shown(browser: Client, address: str) -> str:
    page = browser.get(address)
    assert page.status_code == 200
    return str(page.content.decode())


def invited(until: timedelta) -> Membership:
    membership: Membership = MembershipFactory.create(
        account=active_account(nickname="Shared one"),
        user=None,
        status=MembershipStatus.INVITED,
        invited_email="guest@example.com",
        accepted_at=None,
        invitation_expires_at=timezone.now() + until,
    )
    return membership


def test_an_invitation_tells_who_invited_whom_and_until_when(support: Client) -> None:
    membership = invited(timedelta(days=3))
    page = shown(support, MEMBERSHIPS)
    assert "guest@example.com" in page
    assert membership.granted_by is not None
    assert str(membership.granted_by) in page
    assert "invited" in page
    assert shown(support, f"{MEMBERSHIPS}?q=guest@example").count("Shared one") == 1
    assert "guest@example.com" in shown(support, f"{MEMBERSHIPS}{membership.pk}/change/")


def test_what_has_run_out_is_shown_as_over(support: Client) -> None:
    invited(-timedelta(minutes=1))
    OwnershipTransferFactory.create(expires_at=timezone.now() - timedelta(minutes=1))
    for address in (MEMBERSHIPS, TRANSFERS):
        rows = support.get(address).context["cl"].result_list
        admin = support.get(address).context["cl"].model_admin
        assert "expired" in {admin.shown_status(row)[0] for row in rows}


def test_an_offer_tells_the_account_and_both_people(support: Client) -> None:
    owner = UserFactory.create(email="owner@example.com")
    heir = UserFactory.create(email="heir@example.com")
    membership = MembershipFactory.create(account=active_account(owner=owner), user=heir)
    transfer = OwnershipTransferFactory.create(membership=membership, keeps=["read"])
    page = shown(support, TRANSFERS)
    for text in (str(owner), str(heir), membership.account.nickname, "offered"):
        assert text in page
    assert str(heir) in shown(support, f"{TRANSFERS}{transfer.pk}/change/")
    assert shown(support, f"{TRANSFERS}?q=heir@example").count(membership.account.nickname) == 1


def test_nobody_changes_them_here(support: Client) -> None:
    transfer = OwnershipTransferFactory.create()
    page = f"{TRANSFERS}{transfer.pk}/change/"
    assert support.post(page, {"status": "accepted"}).status_code in (302, 403)
    assert support.get(f"{TRANSFERS}add/").status_code in (302, 403)
    transfer.refresh_from_db()
    assert transfer.status == "offered"
    assert browser_of("user").get(TRANSFERS).status_code in (302, 403)
