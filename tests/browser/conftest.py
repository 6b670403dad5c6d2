"""A real Chromium on the pages of a real server."""

import os
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    sync_playwright,
)
from pytest_django.live_server_helper import LiveServer

from accounts.services import signing_keys
from authz.tests import shipped_rules
from config import redis
from tests.browser import chromium

REQUIRED = "BROWSER_TESTS"  # `required` makes a missing browser a failure
REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`${event.effectiveDirective}: ${event.blockedURI} of ${event.sourceFile}:${event.lineNumber}`), true);
"""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a process."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright's loop runs in this thread, beside Django and not around it.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        program = chromium.find(playwright)
        if program is None:
            told = "no Chromium: set CHROMIUM, install one, or run as root on Debian"
            if os.environ.get(REQUIRED) == "required":
                pytest.fail(told)
            pytest.skip(told)
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def site(transactional_db: None, live_server: LiveServer, environment: Callable[..., None]) -> str:
    """The address of the running service, with roles, policies and a signing key.

    It is a name and not an IP address, which passkeys do not know.
    """
    shipped_rules.install()
    signing_keys.ensure_first()
    for key in redis.client().scan_iter(redis.key("ratelimit", "*")):
        redis.client().delete(key)
    url = str(live_server.url).replace("127.0.0.1", "localhost")
    environment(public_url=url)
    return url


@pytest.fixture
def context(browser: Browser, site: str) -> Iterator[BrowserContext]:
    """A browser without a past. `site` is its base address."""
    context = browser.new_context(base_url=site, locale="en-GB")
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, site: str) -> Iterator[Page]:
    """A page that must not break the content security policy, log anything, or ask another host than this machine."""
    page = context.new_page()
    complaints: list[str] = []
    page.add_init_script(REPORT_VIOLATIONS)
    page.on("console", lambda message: _note(message, complaints))
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on("request", lambda request: _note_stranger(request, complaints))
    page.on("response", lambda response: _note_policy(response, site, complaints))
    yield page
    assert complaints == []


def _note(message: ConsoleMessage, complaints: list[str]) -> None:
    of_an_answer = "Failed to load resource"  # the browser's own line about a 4xx that we test
    kind: str = message.type
    hint = kind == "verbose"  # a browser shows it to whoever asks for more
    if of_an_answer not in message.text and not hint:
        complaints.append(f"{message.location.get('url')}: {kind}: {message.text}")


def _note_policy(response: Response, site: str, complaints: list[str]) -> None:
    """Of a page of the service: no browser may be told to allow what is inline or evaluated."""
    kind = response.headers.get("content-type", "")
    if not (response.url.startswith(site) and kind.startswith("text/html")):
        return
    policy = response.headers.get("content-security-policy", "")
    if not {"script-src 'self'", "style-src 'self'"} <= set(policy.split("; ")):
        complaints.append(f"{response.url}: the policy is {policy!r}")


def _note_stranger(request: Request, complaints: list[str]) -> None:
    address = urlsplit(request.url)
    if address.scheme in {"http", "https"} and address.hostname not in {"localhost", "127.0.0.1"}:
        complaints.append(f"a request to {address.hostname}")
