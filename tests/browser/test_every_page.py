"""Every page of the console and every person's page, as axe-core and a phone see it: WCAG 2.2 AA, in both themes.

The pages come from the console's registry and the URL map, their rows from `manage.py seed_demo`. The fixture `page`
sees to it that none breaks the content security policy, logs an error or asks another host.
"""

import io
from collections.abc import Iterator
from functools import reduce

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver, reverse
from playwright.sync_api import BrowserContext, Page

from accounts.models import User
from accounts.services.console_link import ensure_admin
from accounts.tests.browsers import sign_in_browser
from config.http.console import ConsoleAdmin
from demo.people import FIRST
from tests.node import tooling
from tests.security.addresses import _walk
from trading.models import TradingAccount

pytestmark = pytest.mark.timeout(
    400
)  # hundreds of pages; and the first to need Node's packages installs them

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LIST_TOO_WIDE = """
(() => {
  const scroller = document.querySelector("#result_list")?.closest(".simplebar-content-wrapper");
  return scroller ? scroller.scrollWidth - scroller.clientWidth : 0;
})()"""
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
RUN = "options => axe.run(options).then(result => result.violations)"
OF_PEOPLE = ("/accounts/", "/console/sign-in-link", "/console/login")
GRAVE = {"serious", "critical"}


@pytest.fixture
def demo(site: str) -> None:
    """A few of the made-up people, with all that they have."""
    ensure_admin()
    arguments = ("--people", "50", "--accounts", "20", "--into-production")
    call_command("seed_demo", *arguments, stdout=io.StringIO(), stderr=io.StringIO())


@pytest.fixture
def context(context: BrowserContext) -> BrowserContext:
    """With axe-core in every page: put there by the browser, so the pages' own policy has no say."""
    context.add_init_script(path=tooling.install() / "node_modules/axe-core/axe.min.js")
    return context


def sign_in(page: Page, email: str, site: str) -> None:
    cookie = sign_in_browser(User.objects.get(email=email)).cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": site}])


def flaws_of(page: Page, path: str, *, in_the_dark: bool = False) -> list[str]:
    """What is seriously wrong with the page at `path`; empty for a good one."""
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    answer = page.goto(path)
    if answer is None or answer.status >= 500:
        return [f"{path}: {answer and answer.status}"]
    list_too_wide = page.evaluate(LIST_TOO_WIDE)
    found = page.evaluate(RUN, {"runOnly": RULES})
    if in_the_dark:
        page.emulate_media(color_scheme="dark")
        found += page.evaluate(RUN, {"runOnly": {"type": "rule", "values": ["color-contrast"]}})
        page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    too_wide = page.evaluate(TOO_WIDE)
    flaws = [
        f"{path}: {flaw['id']}: {flaw['nodes'][0]['html'][:160]}"
        for flaw in found
        if flaw["impact"] in GRAVE
    ]
    if too_wide > 0:
        flaws.append(f"{path}: {too_wide} pixels too wide for a phone")
    if list_too_wide > 0:
        flaws.append(f"{path}: the list is {list_too_wide} pixels too wide for a desk")
    return flaws


def console_pages(kind: str) -> Iterator[str]:
    """The lists, or one row's page, the form for another and the buttons' pages of each."""
    for page in (each for each in admin.site._registry.values() if isinstance(each, ConsoleAdmin)):
        options = page.model._meta
        name = f"admin:{options.app_label}_{options.model_name}"
        if kind == "lists":
            yield reverse(f"{name}_changelist")
            continue
        yield from (reverse(f"{name}_{action}") for action in page.actions_list or ())
        if row := page.model._default_manager.first():
            yield reverse(f"{name}_change", args=[row.pk])
            for action in page.actions_detail or ():
                yield reverse(f"{name}_{action}", args=[row.pk])
        if page.addable:
            yield reverse(f"{name}_add")


def test_every_list_of_the_console_is_for_everybody(page: Page, site: str, demo: None) -> None:
    sign_in(page, "admin@gatehouse.example", site)
    flaws = flaws_of(page, "/console/", in_the_dark=True)
    platform = [reverse("platform-configuration"), reverse("platform-check")]
    lists = [*console_pages("lists"), *platform]
    assert len(lists) > 20
    for number, path in enumerate(lists):
        flaws += flaws_of(page, path, in_the_dark=number % 5 == 0)
    assert flaws == []


def test_every_form_of_the_console_is_for_everybody(page: Page, site: str, demo: None) -> None:
    sign_in(page, "admin@gatehouse.example", site)
    flaws: list[str] = []
    pages = list(console_pages("forms"))
    assert len(pages) > 15
    for number, path in enumerate(pages):
        flaws += flaws_of(page, path, in_the_dark=number % 5 == 0)
    assert flaws == []


def peoples_pages(browser: Client, account: TradingAccount) -> list[str]:
    """Those that open by themselves for whoever `browser` is; what mails lead to has a token that is not good."""
    values = {"<str:account_id>": account.public_id, "<slug:broker>": account.broker}
    found = []
    for route, _ in _walk(get_resolver().url_patterns, "/"):
        path = reduce(lambda text, pair: text.replace(*pair), values.items(), route)
        if "<" in path or not path.startswith(OF_PEOPLE):
            continue
        answer = browser.get(path, {"token": "stale"})
        if answer.status_code in {200, 400} and answer["Content-Type"].startswith("text/html"):
            found.append(f"{path}?token=stale")
    return found


def test_every_persons_page_is_for_everybody(page: Page, site: str, demo: None) -> None:
    account = TradingAccount.objects.filter(owner__email=FIRST).first()
    assert account
    flaws: list[str] = []
    outside = peoples_pages(Client(), account)
    for path in outside:
        flaws += flaws_of(page, path, in_the_dark="sign" in path)
    sign_in(page, FIRST, site)
    inside = peoples_pages(sign_in_browser(account.owner), account)
    for path in inside:
        if path not in outside:
            flaws += flaws_of(page, path, in_the_dark=path.startswith("/accounts/?"))
    assert len({*inside, *outside}) > 20
    assert flaws == []
