"""Passkeys in a browser, with the virtual authenticator of Chromium's developer tools."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, CDPSession, Page, expect

from accounts.models import Session, User
from accounts.services import console_link
from accounts.tests.factories import PASSWORD, UserFactory
from authz.services.roles import grant_role
from config.telemetry import planted_secrets
from mfa.models import Passkey

CONSOLE = re.compile(r"^http://[^/]+/console/$")


@pytest.fixture
def authenticator(context: BrowserContext, page: Page) -> Iterator[CDPSession]:
    """The device's own authenticator, whose owner is always recognised."""
    tools = context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    tools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    yield tools
    tools.detach()


@pytest.fixture
def staff(site: str) -> User:
    person: User = UserFactory.create(password=PASSWORD, email="asha@example.com", name="Asha Rao")
    grant_role(user=person, role="support", granted_by=None, reason="test")
    return person


def sign_in(page: Page) -> None:
    page.goto("/console/")
    page.get_by_label("E-mail").fill("asha@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def add_passkey(page: Page, name: str) -> None:
    page.get_by_label("What to call it").last.fill(name)
    page.get_by_role("button", name="Add a passkey").click()


def keep_backup_codes(page: Page) -> None:
    expect(page.get_by_role("heading", name="Your backup codes")).to_be_visible()
    codes = page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    planted_secrets.add(*codes)
    page.get_by_role("link", name="I have kept them").click()


def sign_out(page: Page) -> None:
    page.context.clear_cookies()


def test_a_passkey_is_added_used_beside_a_password_and_alone(
    page: Page, staff: User, authenticator: CDPSession
) -> None:
    sign_in(page)
    expect(page.get_by_text("needs a second factor")).to_be_visible()
    add_passkey(page, "Laptop")
    keep_backup_codes(page)
    expect(page).to_have_url(CONSOLE)

    sign_out(page)
    sign_in(page)
    expect(page.get_by_role("heading", name="Prove that it is you")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(CONSOLE)

    sign_out(page)
    page.goto("/console/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(CONSOLE)

    assert [session.method for session in Session.objects.order_by("id")] == [
        "password",
        "password",
        "passkey",
    ]
    assert Passkey.objects.get().sign_count >= 3


def test_a_fresh_proof_is_given_with_a_passkey(
    page: Page, staff: User, authenticator: CDPSession
) -> None:
    sign_in(page)
    add_passkey(page, "Laptop")
    keep_backup_codes(page)
    old = Session.objects.get()
    old.auth_time -= old.expires_at - old.created_at
    old.save()
    page.goto("/accounts/security")
    page.get_by_role("button", name="Remove Laptop").click()
    expect(page.get_by_role("heading", name="Prove that it is you")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Security")).to_be_visible()
    assert Passkey.objects.count() == 1
    page.get_by_role("button", name="Remove Laptop").click()
    expect(page.get_by_role("status")).to_have_text("The passkey is removed.")
    assert not Passkey.objects.exists()


def test_who_is_not_recognised_is_told_and_may_try_again(
    page: Page, staff: User, authenticator: CDPSession
) -> None:
    sign_in(page)
    add_passkey(page, "Laptop")
    keep_backup_codes(page)
    sign_out(page)
    page.goto("/console/")
    (device,) = Passkey.objects.all()
    device.delete()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("not right")).to_be_visible()


def test_the_first_start_leads_from_the_link_into_the_console(
    page: Page, site: str, authenticator: CDPSession
) -> None:
    link = console_link.issue(user=console_link.ensure_admin())
    assert link.startswith(site)
    page.goto(link)
    page.get_by_role("button", name="Continue").click()
    add_passkey(page, "This machine")
    keep_backup_codes(page)
    expect(page).to_have_url(CONSOLE)


def test_a_person_looks_after_their_factors(
    page: Page, staff: User, authenticator: CDPSession
) -> None:
    sign_in(page)
    page.get_by_role("button", name="Set up an app").click()
    expect(page.get_by_role("img")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    add_passkey(page, "Laptop")
    keep_backup_codes(page)
    page.goto("/accounts/security")
    page.get_by_label("What to call it").first.fill("Old laptop")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("button", name="Remove Old laptop")).to_be_visible()
    page.get_by_role("button", name="Make new ones").click()
    planted_secrets.add(*page.locator(".codes code").all_inner_texts())
    expect(page.get_by_role("heading", name="Your backup codes")).to_be_visible()
