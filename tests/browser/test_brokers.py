"""My account, Brokers, in a browser: with Kite's simulator as the broker, and with paper trading."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from accounts.models import User
from accounts.tests.browsers import sign_in_browser
from accounts.tests.factories import UserFactory
from config.telemetry import planted_secrets
from trading.models import AccountStatus, LoginAttempt, TradingAccount
from trading.simulator.server import SimulatorServer
from trading.simulator.state import User as BrokerUser
from trading.tests.conftest import running_simulator, simulator

__all__ = ["running_simulator", "simulator"]

PHONE: ViewportSize = {"width": 390, "height": 844}
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@pytest.fixture
def asha(site: str) -> User:
    person: User = UserFactory.create(email="asha@example.com", name="Asha Rao")
    return person


@pytest.fixture
def phone_without_scripts(browser: Browser, site: str) -> Iterator[BrowserContext]:
    context = browser.new_context(
        base_url=site, locale="en-GB", viewport=PHONE, java_script_enabled=False
    )
    context.set_default_timeout(15_000)
    yield context
    context.close()


def sign_in(context: BrowserContext, person: User, site: str) -> None:
    """The cookie of somebody who has just proved two factors."""
    cookie = sign_in_browser(person).cookies["sessionid"]
    context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": site}])


def log_in_at_kite(page: Page, broker_user: BrokerUser) -> None:
    page.get_by_label("User ID").fill(broker_user.user_id)
    page.get_by_label("Password").fill(broker_user.password)
    page.get_by_role("button", name=re.compile("login|continue", re.IGNORECASE)).click()
    page.get_by_label("Six-digit code").fill(broker_user.pin)
    page.get_by_role("button", name=re.compile("login|continue", re.IGNORECASE)).click()
    expect(page.get_by_role("heading", name="You are logged in at the broker")).to_be_visible()
    planted_secrets.add(urlsplit(page.url).query)


def test_an_account_is_linked_its_session_ends_and_its_owner_logs_in_again(
    page: Page, site: str, asha: User, simulator: SimulatorServer
) -> None:
    kite = simulator.control
    app = kite.create_app(redirect_url=f"{site}/v1/trading-accounts/kite/callback")
    broker_user = kite.create_user()
    planted_secrets.add(app.api_secret, broker_user.password)
    sign_in(page.context, asha, site)
    page.set_viewport_size(PHONE)

    page.goto("/accounts/")
    page.get_by_role("link", name="Open: Brokers").click()
    page.get_by_role("link", name="Link an account").click()
    page.get_by_role("link", name="Link Kite").click()
    page.get_by_label("What to call it").fill("Long term")
    page.get_by_label("API key").fill(app.api_key)
    page.get_by_label("API secret").fill(app.api_secret)
    page.get_by_label("API secret").press("Enter")
    log_in_at_kite(page, broker_user)

    page.get_by_role("link", name="My brokers").click()
    expect(page.get_by_role("main").get_by_role("listitem").first).to_contain_text("All is well.")
    assert page.evaluate(FITS)
    page.get_by_role("link", name="Long term").click()
    page.get_by_role("button", name="Fetch now").click()
    expect(page.get_by_text("Funds, equity")).to_be_visible()
    assert page.evaluate(FITS)

    kite.end_sessions()
    page.get_by_role("button", name="Fetch now").click()
    expect(page.get_by_text("Log in again to go on.")).to_be_visible()
    page.goto("/accounts/brokers")
    page.get_by_role("button", name="Log in: Long term").click()
    log_in_at_kite(page, broker_user)
    assert TradingAccount.objects.get().status == AccountStatus.ACTIVE
    assert LoginAttempt.objects.count() == 2
    planted_secrets.add(*(session.access_token for session in kite.sessions()))


def test_paper_trading_is_linked_and_unlinked_on_a_phone_without_scripts(
    phone_without_scripts: BrowserContext, site: str, asha: User
) -> None:
    page = phone_without_scripts.new_page()
    sign_in(phone_without_scripts, asha, site)
    page.goto("/accounts/brokers/link/paper")
    page.get_by_label("What to call it").fill("Practice")
    page.get_by_role("button", name="Go on to the login").click()
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="You are logged in at the broker")).to_be_visible()
    planted_secrets.add(urlsplit(page.url).query)

    page.get_by_role("link", name="My brokers").click()
    page.get_by_role("link", name="Practice").click()
    page.get_by_label("What to call it").fill("Trying out")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", name="Trying out")).to_be_visible()
    page.get_by_role("link", name="Unlink").click()
    page.get_by_role("button", name="Unlink").click()
    expect(page.get_by_role("status")).to_have_text("The account is unlinked.")
    expect(page.get_by_text("No account is linked yet.")).to_be_visible()
