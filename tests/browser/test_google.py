"""Signing in with Google, in a browser and against a provider that is not ours."""

import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Page, expect
from pydantic import SecretStr

from accounts.models import Session, User
from accounts.services import status
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.openid_provider import CLIENT_ID, CLIENT_SECRET
from accounts.tests.second_factor import code_of
from mfa.services import totp
from tests.node import openid_provider

APP = "http://127.0.0.1:*/signed-in"


@pytest.fixture
def provider(site: str, environment: Callable[..., None]) -> Iterator[str]:
    """The provider in the place of Google, on Node."""
    callback = f"{site}/accounts/oidc/google/callback"
    with openid_provider.running(
        client_id=CLIENT_ID, client_secret=CLIENT_SECRET, redirect_uri=callback
    ) as issuer:
        environment(
            public_url=site,
            google_client_id=CLIENT_ID,
            google_client_secret=SecretStr(CLIENT_SECRET),
            google_server_url=issuer,
            handoff_redirect_uris=[APP],
        )
        yield issuer


def say_who(page: Page, email: str) -> None:
    """At the provider."""
    expect(page.get_by_role("heading")).to_have_text("Provider")
    page.get_by_label("Address").fill(email)
    page.get_by_role("button", name="Go on").click()


def with_google(page: Page, email: str) -> None:
    """From our page to the provider, which knows nobody yet, and back."""
    page.context.clear_cookies(name=re.compile("^_session"))
    page.goto("/accounts/sign-in")
    page.get_by_role("button", name="Continue with Google").click()
    say_who(page, email)


def test_a_person_signs_up_and_later_in_again(provider: str, page: Page) -> None:
    with_google(page, "asha@example.com")
    expect(page.get_by_role("heading", name="My account")).to_be_visible()
    expect(page.get_by_text("Asha Rao · asha@example.com")).to_be_visible()
    page.get_by_role("button", name="Sign out", exact=True).first.click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()

    page.get_by_role("button", name="Continue with Google").click()  # it knows the person now

    expect(page.get_by_role("heading", name="My account")).to_be_visible()
    assert User.objects.get().email == "asha@example.com"
    assert set(Session.objects.values_list("method", flat=True)) == {"google"}


def test_an_existing_account_is_connected_by_its_password(provider: str, page: Page) -> None:
    UserFactory.create(email="asha@example.com", password=PASSWORD)
    with_google(page, "asha@example.com")
    expect(page.get_by_role("heading")).to_have_text("You have an account already")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Connect Google").click()
    expect(page.get_by_role("alert")).to_have_text("The password is not right.")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Connect Google").click()
    expect(page.get_by_role("heading", name="My account")).to_be_visible()
    expect(page.get_by_role("button", name="Disconnect")).to_be_visible()


def test_connecting_and_disconnecting_in_my_account(provider: str, page: Page) -> None:
    UserFactory.create(email="asha@example.com", password=PASSWORD)
    page.goto("/accounts/")
    page.get_by_label("E-mail").fill("asha@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Connect").click()
    say_who(page, "a.rao@example.com")
    expect(page.get_by_text("a.rao@example.com")).to_be_visible()
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("not connected")).to_be_visible()


def test_a_second_factor_is_asked_for_after_google(provider: str, page: Page) -> None:
    with_google(page, "asha@example.com")
    user = User.objects.get()
    secret = totp.enroll(user=user).secret
    totp.confirm(user=user, code=code_of(secret))
    page.get_by_role("button", name="Sign out", exact=True).first.click()
    with_google(page, "asha@example.com")
    page.get_by_role("textbox").fill(code_of(secret, steps=1))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="My account")).to_be_visible()


def test_refusals_are_told_in_words(provider: str, page: Page) -> None:
    with_google(page, "unverified@example.com")
    expect(page.get_by_role("heading")).to_have_text("Your address is not verified there")
    suspended = UserFactory.create(email="ravi@example.com", password=PASSWORD)
    status.suspend(user=suspended, reason="test")
    with_google(page, "ravi@example.com")
    expect(page.get_by_role("heading")).to_have_text("You cannot sign in")
    page.context.clear_cookies(name=re.compile("^_session"))
    page.goto("/accounts/sign-in")
    page.get_by_role("button", name="Continue with Google").click()
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("heading")).to_have_text("You did not sign in")


def test_an_app_gets_tokens_by_way_of_the_browser(
    site: str, provider: str, page: Page, app: "ListeningApp"
) -> None:
    page.goto(app.begin(site))
    expect(page.get_by_text("127.0.0.1 asks who you are")).to_be_visible()
    page.get_by_role("button", name="Continue with Google").click()
    say_who(page, "asha@example.com")
    expect(page.get_by_role("heading")).to_have_text("Back in the app")

    answer = app.exchange(site, page.url)

    assert answer.status_code == 200, answer.text
    assert answer.json()["user"]["email"] == "asha@example.com"
    assert app.exchange(site, page.url).status_code == 400
    assert Session.objects.get().device_name == "Desk"


class ListeningApp:
    """An app on the person's machine: it listens where the browser comes back."""

    def __init__(self, port: int) -> None:
        self.redirect_uri = f"http://127.0.0.1:{port}/signed-in"
        self.verifier = secrets.token_urlsafe(48)
        self.state = secrets.token_urlsafe(16)

    def begin(self, site: str) -> str:
        digest = sha256(self.verifier.encode()).digest()
        body = {
            "redirect_uri": self.redirect_uri,
            "code_challenge": urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "state": self.state,
            "device_name": "Desk",
        }
        answer = httpx.post(f"{site}/v1/auth/google", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["authorization_url"])

    def exchange(self, site: str, came_back: str) -> httpx.Response:
        query = parse_qs(urlsplit(came_back).query)
        assert query["state"] == [self.state]
        assert query["iss"] == [site]
        body: dict[str, Any] = {
            "code": query["code"][0],
            "code_verifier": self.verifier,
            "redirect_uri": self.redirect_uri,
        }
        return httpx.post(f"{site}/v1/auth/google/callback", json=body)


@pytest.fixture
def app(httpserver_app: int) -> ListeningApp:
    return ListeningApp(httpserver_app)


@pytest.fixture
def httpserver_app() -> Iterator[int]:
    """The port of a small server that says it has been reached."""
    import threading
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'<!DOCTYPE html><link rel="icon" href="data:,"><h1>Back in the app</h1>'
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it has there
            """Nothing on the test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()
