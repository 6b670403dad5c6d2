"""An address is changed and taken back, by the buttons in our mails as a mail program shows them."""

import re
from typing import Any

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.tests.browsers import sign_in_browser
from accounts.tests.factories import UserFactory
from config.telemetry import planted_secrets

OLD, NEW = "asha@example.com", "asha.rao@example.net"


@pytest.fixture
def asha(site: str, page: Page) -> User:
    user: User = UserFactory.create(email=OLD)
    cookie = sign_in_browser(user).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": site}])
    return user


def press_in_mail_to(page: Page, address: str, button: str) -> None:
    """Open the newest HTML mail to the address beside the pages, and go where its button leads."""
    letter: Any = [each for each in mail.outbox if each.to == [address]][-1]
    html = str(letter.alternatives[0][0])
    planted_secrets.add(*re.findall(r"token=([\w-]+)", html))
    program = page.context.new_page()
    program.set_content(html)
    link = program.get_by_role("link", name=button, exact=True)
    expect(link).to_be_visible()
    page.goto(str(link.get_attribute("href")))
    program.close()


def test_it_is_confirmed_from_the_new_address_and_undone_from_the_old(
    page: Page, asha: User
) -> None:
    page.goto("/accounts/profile")
    page.get_by_role("link", name="Change the address").click()
    page.get_by_label("New e-mail address").fill(NEW)
    page.get_by_role("button", name="Mail me the link").click()
    expect(page.get_by_text("We have mailed a link to the new address")).to_be_visible()

    press_in_mail_to(page, NEW, "Confirm my new address")
    page.get_by_role("button", name="Confirm my new address").click()
    expect(page.get_by_role("heading")).to_have_text("Your address is changed")
    page.get_by_role("link", name="My account").last.click()
    expect(page.get_by_text(NEW)).to_be_visible()  # the browser that asked stays signed in

    press_in_mail_to(page, OLD, "It was not me")
    page.get_by_role("button", name="It was not me").click()
    expect(page.get_by_role("heading")).to_have_text("Your former address is back")
    asha.refresh_from_db()
    assert asha.email == OLD
    page.goto("/accounts/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    press_in_mail_to(page, OLD, "Choose a new password")
    expect(page.get_by_label("New password")).to_be_visible()
