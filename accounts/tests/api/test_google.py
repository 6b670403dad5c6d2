"""A sign-in with Google for an app: our pages in the browser, the code, the tokens; and who tries otherwise."""

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Session, SingleUseToken, User
from accounts.services import linked_sign_ins, passwords, status
from accounts.services.linked_sign_ins import Identity
from accounts.tests.conftest import post
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.openid_provider import AtProvider, Person, onward
from accounts.tests.second_factor import code_of
from audit.models import AuthEvent
from config.telemetry import planted_secrets
from mfa.services import totp
from tests.racing import at_once

WEB, NATIVE = "https://app.example.com/signed-in?from=gatehouse", "http://127.0.0.1:51004/signed-in"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ready")]


@dataclass
class App:
    """An app with a verifier and a state of its own for one sign-in."""

    redirect_uri: str = WEB
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    def begin(self, **changes: Any) -> Any:
        planted_secrets.add(self.verifier)
        digest = sha256(self.verifier.encode()).digest()
        body = {
            "redirect_uri": self.redirect_uri,
            "code_challenge": urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "state": self.state,
        }
        return post(APIClient(), "/v1/auth/google", {**body, **changes})

    def exchange(self, code: str, **changes: Any) -> Any:
        body = {"code": code, "code_verifier": self.verifier, "redirect_uri": self.redirect_uri}
        return post(APIClient(), "/v1/auth/google/callback", {**body, **changes})


def open_page(app: App, browser: Client, **more: Any) -> str:
    """The app's page in the browser: what its form carries."""
    begun = app.begin(**more)
    assert begun.status_code == 201, begun.content
    page = urlsplit(begun.json()["authorization_url"])
    shown = browser.get(f"{page.path}?{page.query}")
    assert shown.status_code == 200
    return str(shown.context["request_token"])


def sign_in(google: AtProvider, app: App, person: Person | None = None, **more: Any) -> Any:
    """Through the browser; the answer is the page that the person sees at the end."""
    browser = Client()
    asked = open_page(app, browser, **more)
    at_provider = onward(browser.post("/accounts/sign-in/app", {"request": asked}))
    return google.come_back(browser, google.provider.authorize(at_provider, person or Person()))


def code_in(answer: Any) -> str:
    code = dict(parse_qsl(urlsplit(onward(answer)).query))["code"]
    planted_secrets.add(code)
    return code


def test_the_browser_comes_back_with_a_code_and_the_app_gets_tokens(google: AtProvider) -> None:
    app = App()
    answer = sign_in(google, app, device_name="Pixel 9", persist_session=True)
    url = onward(answer)
    assert url.startswith(WEB + "&")
    came_back = dict(parse_qsl(urlsplit(url).query))
    assert came_back["state"] == app.state
    assert came_back["iss"] == settings.ENVIRONMENT.public_url
    assert "no-store" in answer["Cache-Control"]

    tokens = app.exchange(code_in(answer))

    assert tokens.status_code == 200, tokens.content
    assert tokens.json()["user"]["email"] == "asha@example.com"
    session = Session.objects.get()  # the app's; the browser that helped has none
    assert (session.public_id, session.method, session.device_name, session.persistent) == (
        tokens.json()["session_id"],
        "google",
        "Pixel 9",
        True,
    )
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.json()['access_token']}")
    assert client.get("/v1/users/me").status_code == 200


def test_an_app_on_the_same_machine_may_choose_its_port(google: AtProvider) -> None:
    app = App(redirect_uri=NATIVE)
    assert app.exchange(code_in(sign_in(google, app))).status_code == 200


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/signed-in",
        "https://app.example.com.evil.example/signed-in?from=gatehouse",
        "https://app.example.com@evil.example/signed-in?from=gatehouse",
        "https://app.example.com/signed-in",
        "https://app.example.com/signed-in/?from=gatehouse",
        "https://app.example.com/signed-in?from=gatehouse&next=https://evil.example",
        "https://app.example.com/signed-in?from=gatehouse#",
        "https://APP.example.com/signed-in?from=gatehouse",
        "https://app.example.com:443/signed-in?from=gatehouse",
        "https://app.example.com/a/../signed-in?from=gatehouse",
        "http://app.example.com/signed-in?from=gatehouse",
        "https://app.example.com/signed-in?from=gatehouse\n",
        "https:\\\\app.example.com\\signed-in",
        "javascript:alert(1)",
        "//app.example.com/signed-in",
        "http://127.0.0.1/signed-in",
        "http://127.0.0.1:80@evil.example/signed-in",
        "http://127.0.0.1:*/signed-in",
        "http://127.0.0.1:0/signed-in",
        "http://127.0.0.1:99999/signed-in",
        "http://127.0.0.1:5\uff11/signed-in",
        "http://127.0.0.1:5100/signed-in?x",
        "http://127.0.0.2:5100/signed-in",
        "http://localhost:5100/signed-in",
        "",
    ],
)
def test_a_redirect_uri_is_one_that_is_registered_to_the_letter(
    google: AtProvider, uri: str
) -> None:
    answer = App(redirect_uri=uri).begin()
    assert answer.status_code == 400
    assert "authorization_url" not in answer.json()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code_challenge", "short"),
        ("code_challenge", "x" * 44),
        ("code_challenge", "!" * 43),
        ("code_challenge", "\n" + "x" * 42),
        ("code_challenge_method", "plain"),
        ("state", "short"),
        ("state", "with\nnewline"),
        ("state", "a newline\n"),
        ("client_id", "unknown fields are refused"),
    ],
)
def test_a_request_without_pkce_and_state_is_refused(
    google: AtProvider, field: str, value: str
) -> None:
    answer = App().begin(**{field: value})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field


def test_without_google_the_door_is_closed() -> None:
    answer = App().begin()
    assert answer.status_code == 404
    assert answer.json()["type"].endswith("provider-not-configured")


def test_the_page_is_only_for_requests_that_we_wrote(google: AtProvider) -> None:
    app, browser = App(), Client()
    signed = open_page(app, browser)
    for forged in (signed[:-1] + "x", "e30:1:1", "", f"{signed}x"):
        for answer in (
            browser.get("/accounts/sign-in/app", {"request": forged}),
            browser.post("/accounts/sign-in/app", {"request": forged}),
        ):
            assert answer.status_code == 400
            assert "app.example.com" not in answer.content.decode()


def test_the_page_is_good_for_ten_minutes_and_while_the_uri_is_registered(
    google: AtProvider, environment: Any
) -> None:
    app, browser = App(), Client()
    signed = open_page(app, browser)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        page = browser.get("/accounts/sign-in/app", {"request": signed})
        assert page.status_code == 400
    assert browser.get("/accounts/sign-in/app", {"request": signed}).status_code == 200
    environment(handoff_redirect_uris=[])
    assert browser.get("/accounts/sign-in/app", {"request": signed}).status_code == 400


def test_saying_no_tells_the_app_so(google: AtProvider) -> None:
    app, browser = App(), Client()
    asked = open_page(app, browser)
    state = google.provider.authorize(
        onward(browser.post("/accounts/sign-in/app", {"request": asked})), Person()
    )["state"]
    answer = google.come_back(browser, {"error": "access_denied", "state": state})
    back = dict(parse_qsl(urlsplit(answer.context["app_url"]).query))
    assert (back["error"], back["state"]) == ("access_denied", app.state)
    assert "code" not in back


def test_a_code_works_once(google: AtProvider) -> None:
    app = App()
    code = code_in(sign_in(google, app))
    assert app.exchange(code).status_code == 200
    again = app.exchange(code)
    assert again.status_code == 400
    assert again.json()["type"].endswith("invalid-single-use-token")
    assert Session.objects.count() == 1


def test_only_the_hash_of_a_code_is_kept(google: AtProvider) -> None:
    code = code_in(sign_in(google, App()))
    row = SingleUseToken.objects.get()
    assert bytes(row.token_hash) == sha256(code.encode()).digest()
    assert code not in str(row.details)


def test_a_code_is_good_for_a_minute(google: AtProvider) -> None:
    app = App()
    code = code_in(sign_in(google, app))
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert app.exchange(code).status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43},
        {"redirect_uri": NATIVE},
        {"redirect_uri": "https://evil.example/"},
    ],
    ids=["verifier", "other registered redirect", "foreign redirect"],
)
def test_a_stolen_code_is_useless_and_used_up(google: AtProvider, changes: dict[str, str]) -> None:
    app = App()
    code = code_in(sign_in(google, app))
    assert app.exchange(code, **changes).status_code == 400
    assert app.exchange(code).status_code == 400
    assert not Session.objects.exists()
    row = AuthEvent.objects.get(event_type="auth.login.failed")
    assert row.metadata["reason"] == "handoff_mismatch"


def test_the_challenge_itself_is_no_verifier(google: AtProvider) -> None:
    app = App()
    code = code_in(sign_in(google, app))
    challenge = SingleUseToken.objects.get().details["code_challenge"]
    assert app.exchange(code, code_verifier=challenge).status_code == 400


def test_a_code_put_into_anothers_sign_in_fails_there(google: AtProvider) -> None:
    """Code injection, and login CSRF: the victim's app is given the attacker's code."""
    victims, attackers = App(), App()
    code = code_in(sign_in(google, attackers, Person(email="mallory@example.com")))
    assert victims.exchange(code).status_code == 400
    assert not Session.objects.exists()


def test_a_token_for_something_else_is_no_code(google: AtProvider) -> None:
    app = App()
    user = UserFactory.create(password=PASSWORD)
    totp.confirm(user=user, code=code_of(totp.enroll(user=user).secret))
    login = {"email": user.email, "password": PASSWORD}
    mfa_token = post(APIClient(), "/v1/auth/login", login).json()["mfa_token"]
    assert app.exchange(mfa_token).status_code == 400
    code = code_in(sign_in(google, app))
    body = {"mfa_token": code, "code": "000000"}
    assert post(APIClient(), "/v1/auth/mfa/verify", body).status_code == 400


def test_whoever_is_suspended_meanwhile_gets_no_tokens(google: AtProvider) -> None:
    app = App()
    code = code_in(sign_in(google, app))
    status.suspend(user=User.objects.get(), reason="test")
    assert app.exchange(code).status_code == 400
    assert not Session.objects.exists()


def test_a_new_password_ends_codes_under_way(google: AtProvider) -> None:
    app = App()
    code = code_in(sign_in(google, app))
    passwords.send_reset_link(user=User.objects.get())
    from django.core import mail

    token = mail.outbox[-1].body.partition("token=")[2].split()[0]
    passwords.reset(token=token, new="seven quiet rivers run")
    assert app.exchange(code).status_code == 400


def test_the_second_factor_is_proven_on_our_page_and_counts_for_the_app(
    google: AtProvider,
) -> None:
    sign_in(google, App())
    user = User.objects.get()
    secret = totp.enroll(user=user).secret
    totp.confirm(user=user, code=code_of(secret))
    app, browser = App(), Client()
    asked = open_page(app, browser)
    at_provider = onward(browser.post("/accounts/sign-in/app", {"request": asked}))
    page = google.come_back(browser, google.provider.authorize(at_provider, Person()))
    assert page["Location"] == "/accounts/second-factor"
    done = browser.post(page["Location"], {"code": code_of(secret, steps=1)})
    tokens = app.exchange(code_in(done))
    assert tokens.status_code == 200
    session = Session.objects.get()
    assert (session.acr, session.amr) == ("mfa", ["fed", "otp"])
    assert browser.get("/accounts/").status_code == 302


def test_a_factor_set_up_while_the_code_was_under_way_is_asked_for(google: AtProvider) -> None:
    app = App()
    code = code_in(sign_in(google, app))
    user = User.objects.get()
    secret = totp.enroll(user=user).secret
    totp.confirm(user=user, code=code_of(secret))
    answer = app.exchange(code)
    assert answer.json()["status"] == "mfa_required"
    body = {"mfa_token": answer.json()["mfa_token"], "code": code_of(secret, steps=1)}
    tokens = post(APIClient(), "/v1/auth/mfa/verify", body)
    assert tokens.status_code == 200
    session = Session.objects.get()
    assert (session.method, session.acr, session.amr) == ("google", "mfa", ["fed", "otp"])


def test_connecting_an_existing_account_goes_on_to_the_app(google: AtProvider) -> None:
    UserFactory.create(email="asha@example.com", password=PASSWORD)
    app, browser = App(), Client()
    asked = open_page(app, browser)
    at_provider = onward(browser.post("/accounts/sign-in/app", {"request": asked}))
    page = google.come_back(browser, google.provider.authorize(at_provider, Person()))
    assert page["Location"] == "/accounts/sign-in/connect"
    done = browser.post(page["Location"], {"password": PASSWORD})
    assert app.exchange(code_in(done)).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_twenty_that_bring_one_code_one_gets_tokens(google: AtProvider) -> None:
    app = App()
    code = code_in(sign_in(google, app))
    answers = at_once(*[lambda: app.exchange(code).status_code] * 20)
    assert sorted(answers) == [200] + [400] * 19
    assert Session.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_ten_first_sign_ins_at_once_one_account_comes(google: AtProvider) -> None:
    def come() -> int:
        return int(google.sign_in(Client(), Person()).status_code)

    assert at_once(*[come] * 10) == [302] * 10
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_who_is_signed_up_between_two_looks_at_the_database_is_let_in(
    google: AtProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The identity was not there yet, and the account of its address is."""
    require_verified = linked_sign_ins._require_verified

    def somebody_is_faster(identity: Identity) -> None:
        monkeypatch.setattr(linked_sign_ins, "_require_verified", require_verified)
        linked_sign_ins.person_for(identity)

    monkeypatch.setattr(linked_sign_ins, "_require_verified", somebody_is_faster)
    assert google.sign_in(Client(), Person()).status_code == 302
    assert User.objects.count() == 1
