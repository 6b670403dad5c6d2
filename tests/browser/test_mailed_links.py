"""The links in our mails, opened as a person does."""

import re

import httpx
import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.models.user import UserStatus
from accounts.tests.factories import PASSWORD, UserFactory

NEW_PASSWORD = "seven quiet rivers run"


def link_in_mail(site: str) -> str:
    """The link of the newest mail: it leads to the running service."""
    found = re.search(r"(\S+token=\S+)", str(mail.outbox[-1].body))
    assert found
    assert found[1].startswith(site)
    return found[1]


def test_an_address_is_confirmed_by_a_click_and_not_by_opening_the_link(
    site: str, page: Page
) -> None:
    asha = {"email": "asha@example.com", "password": PASSWORD, "name": "Asha Rao"}
    assert httpx.post(f"{site}/v1/auth/register", json=asha).status_code == 202

    page.goto(link_in_mail(site))
    assert User.objects.get().status == UserStatus.PENDING_VERIFICATION
    page.get_by_role("button", name="Confirm my address").click()

    expect(page.get_by_role("heading")).to_have_text("Your address is confirmed")
    assert User.objects.get().status == UserStatus.ACTIVE


def test_a_weak_password_is_explained_and_a_good_one_taken(site: str, page: Page) -> None:
    user: User = UserFactory.create(email="asha@example.com")
    asked = httpx.post(f"{site}/v1/auth/password/reset-request", json={"email": user.email})
    assert asked.status_code == 202

    page.goto(link_in_mail(site))
    page.get_by_label("New password").fill("password1234")
    page.get_by_role("main").get_by_role("button").click()
    expect(page.locator("main form")).to_contain_text("stolen elsewhere")
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_role("main").get_by_role("button").click()

    expect(page.get_by_role("heading")).to_have_text("Your password is changed")
    user.refresh_from_db()
    assert user.check_password(NEW_PASSWORD)


@pytest.mark.parametrize("path", ["/accounts/verify-email", "/console/sign-in-link"])
def test_a_stale_link_says_what_to_do(page: Page, path: str) -> None:
    page.goto(f"{path}?token=stale")
    page.get_by_role("main").get_by_role("button").click()

    expect(page.get_by_role("heading")).to_have_text("This link is not good any more")
    expect(page.get_by_text("It was used already, or is too old.")).to_be_visible()
