"""One person's way through all of their pages: in English on a desk, in Hindi on a phone."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import Session, User
from accounts.models.session import EndReason, SignInMethod
from accounts.models.user import UserStatus
from accounts.services import sessions
from accounts.services.sessions import Device
from accounts.tests.factories import UserFactory
from accounts.tests.second_factor import code_of
from config.http.context import RequestContext, acting
from config.telemetry import planted_secrets
from tests.browser.test_brokers import FITS, PHONE
from tests.browser.test_mailed_links import link_in_mail
from tests.browser.test_passkeys import authenticator
from trading.models import Membership, TradingAccount
from trading.simulator.server import SimulatorServer
from trading.tests.conftest import running_simulator, simulator

__all__ = ["authenticator", "running_simulator", "simulator"]

PASSWORD = "seven quiet rivers run"
EMAIL = "asha@example.com"
NOTHING_LINKED = "No account is linked yet. Link the one that you have at a broker, or try with paper trading first."
RUPEES = re.compile(r"₹ [\d,]+\.\d\d")
WAYS = [("en", "en-IN", {"width": 1280, "height": 800}), ("hi", "hi-IN", dict(PHONE))]


@pytest.fixture(params=WAYS, ids=["english-desk", "hindi-phone"])
def way(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def context(browser: Browser, site: str, way: Any) -> Iterator[BrowserContext]:
    """A browser that asks for the language."""
    _, locale, size = way
    context = browser.new_context(base_url=site, locale=locale, viewport=size)
    context.set_default_timeout(15_000)
    yield context
    context.close()


class Reader:
    """Finds on the page what a person reads there, by the catalogue of their language."""

    def __init__(self, page: Page, language: str) -> None:
        self.page = page
        self.language = language

    def say(self, text: str, /, **names: str) -> str:
        with translation.override(self.language):
            said = gettext(text)
        return said % names if names else said

    def fill(self, label: str, value: str) -> None:
        self.page.get_by_label(self.say(label)).last.fill(value)

    def press(self, label: str, /, **names: str) -> None:
        self.page.get_by_role("button", name=self.say(label, **names), exact=True).first.click()

    def follow(self, label: str, /, **names: str) -> None:
        self.page.get_by_role("link", name=self.say(label, **names), exact=True).first.click()

    def sees_heading(self, text: str, /, **names: str) -> None:
        heading = self.page.get_by_role("heading", name=self.say(text, **names), exact=True)
        expect(heading.first).to_be_visible()
        assert self.page.locator("html").get_attribute("lang") == self.language
        assert self.page.evaluate(FITS), self.page.url

    def sees(self, text: str, /, **names: str) -> None:
        expect(self.page.get_by_text(self.say(text, **names)).first).to_be_visible()

    def has_mail(self, subject: str) -> None:
        assert self.say(subject) in [message.subject for message in mail.outbox]


@pytest.fixture
def reader(page: Page, way: Any) -> Reader:
    return Reader(page, way[0])


@pytest.fixture
def archives(environment: Callable[..., None], tmp_path: Path) -> None:
    environment(archive_dir=tmp_path)


@pytest.mark.usefixtures("archives", "authenticator")
def test_from_signing_up_to_taking_the_deletion_back(
    reader: Reader, site: str, simulator: SimulatorServer
) -> None:
    sign_up(reader, site)
    secret = add_factors(reader)
    link_kite(reader, site, simulator)
    share(reader)
    end_strange_device(reader)
    have_archive(reader)
    delete_and_take_back(reader, secret)


def sign_up(reader: Reader, site: str) -> None:
    reader.page.goto("/accounts/sign-up")
    reader.sees_heading("Make an account")
    reader.fill("Name", "Asha Rao")
    reader.fill("E-mail", EMAIL)
    reader.fill("Password", PASSWORD)
    reader.press("Make an account")
    reader.sees_heading("Check your mail")
    reader.has_mail("Confirm your e-mail address")
    reader.page.goto(link_in_mail(site))
    reader.press("Confirm my address")
    reader.sees_heading("Your address is confirmed")
    sign_in(reader)
    reader.sees_heading("My account")


def sign_in(reader: Reader) -> None:
    reader.page.goto("/accounts/sign-in")
    reader.fill("E-mail", EMAIL)
    reader.fill("Password", PASSWORD)
    reader.press("Sign in")


def add_factors(reader: Reader) -> str:
    """A passkey, then an authenticator app; returns the app's secret."""
    reader.follow("Security")
    reader.sees_heading("Passkeys")
    reader.fill("What to call it", "Laptop")
    reader.press("Add a passkey")
    reader.sees_heading("Your backup codes")
    planted_secrets.add(*reader.page.locator(".codes code").all_inner_texts())
    reader.follow("I have kept them")
    reader.press("Set up an app")
    secret = reader.page.locator(".secret").inner_text()
    planted_secrets.add(secret)
    reader.fill("The code that the app shows now", code_of(secret))
    reader.press("Confirm")
    reader.sees("The new factor is set up.")
    reader.has_mail("Your second factor has changed")
    return secret


def link_kite(reader: Reader, site: str, simulator: SimulatorServer) -> None:
    kite, page = simulator.control, reader.page
    app = kite.create_app(redirect_url=f"{site}/v1/trading-accounts/kite/callback")
    broker_user = kite.create_user()
    planted_secrets.add(app.api_secret, broker_user.password)
    reader.follow("Brokers")
    reader.sees(NOTHING_LINKED)
    reader.follow("Link an account")
    reader.follow("Link %(label)s", label="Kite")
    reader.fill("What to call it", "Long term")
    reader.fill("API key", app.api_key)
    reader.fill("API secret", app.api_secret)
    reader.press("Go on to the login")
    page.get_by_label("User ID").fill(broker_user.user_id)
    page.get_by_label("Password").fill(broker_user.password)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Six-digit code").fill(broker_user.pin)
    page.get_by_role("button", name="Continue").click()
    reader.sees_heading("You are logged in at the broker")
    planted_secrets.add(urlsplit(page.url).query)
    planted_secrets.add(*(session.access_token for session in kite.sessions()))
    reader.follow("My brokers")
    reader.sees("All is well. There is nothing to do.")
    page.get_by_role("link", name="Long term").click()
    reader.press("Fetch now")
    expect(page.get_by_text(RUPEES).first).to_be_visible()


def share(reader: Reader) -> None:
    UserFactory.create(email="ravi@example.com", locale=reader.language)
    reader.follow("Sharing")
    reader.sees_heading("Sharing")
    reader.fill("E-mail", "ravi@example.com")
    reader.press("Invite")
    reader.sees("The invitation to %(email)s is sent.", email="ravi@example.com")
    reader.has_mail("You are invited to a trading account")
    assert Membership.objects.get().permissions == ["read"]


def end_strange_device(reader: Reader) -> None:
    strange = sign_in_elsewhere()
    reader.follow("Overview")
    reader.sees("unusual")
    reader.sees("It is a device that you have not used before.")
    reader.press("Sign out: %(name)s", name="Firefox · Linux")
    reader.sees_heading("My account")
    expect(reader.page.get_by_text("Firefox · Linux")).to_have_count(0)
    strange.refresh_from_db()
    assert strange.end_reason == EndReason.REVOKED
    reader.follow("Activity")
    reader.sees("A device was signed out")


def sign_in_elsewhere() -> Session:
    """With the password, on a machine of somebody else."""
    browser = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    with acting(RequestContext(ip="198.51.100.9", user_agent=browser)):
        strange: Session = sessions.begin(
            user=User.objects.get(email=EMAIL),
            method=SignInMethod.PASSWORD,
            amr=("pwd",),
            device=Device(),
        )
    Session.objects.filter(pk=strange.pk).update(risk_score=50, risk_signals=["new_device"])
    return strange


def have_archive(reader: Reader) -> None:
    reader.follow("My data")
    reader.press("Make an archive")
    with reader.page.expect_download() as download:
        reader.follow("Fetch my data")
    assert Path(download.value.path()).read_bytes().startswith(b"PK")
    reader.has_mail("Your data is ready")


def delete_and_take_back(reader: Reader, secret: str) -> None:
    reader.follow("Delete my account")
    reader.sees_heading("Delete my account")
    reader.press("Delete my account")
    reader.sees_heading("Your account is closed")
    reader.has_mail("Your account is closed")
    person = User.objects.get(email=EMAIL)
    assert person.status == UserStatus.DEACTIVATED
    reader.page.goto("/accounts/sign-in")
    reader.follow("You closed your account and want it back?")
    reader.fill("E-mail", EMAIL)
    reader.fill("Password", PASSWORD)
    reader.fill("Code of your second factor, if you have one", code_of(secret, steps=1))
    reader.press("Open my account again")
    reader.sees_heading("Your account is open again")
    person.refresh_from_db()
    assert person.status == UserStatus.ACTIVE
    assert TradingAccount.objects.get().owner == person
    assert person.locale == reader.language
