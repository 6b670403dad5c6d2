"""What every answer tells a browser to keep to, as production has it."""

import re
import runpy
from base64 import b64encode
from secrets import token_bytes, token_urlsafe
from typing import Any

import pytest
from django.test import Client

from accounts.services import signing_keys
from accounts.tests.browsers import sign_in_browser
from accounts.tests.factories import PASSWORD, UserFactory
from authz.tests import shipped_rules
from config.settings import base
from config.settings.sections.section import PROJECT_ROOT

pytestmark = pytest.mark.django_db

PAGES = ("/accounts/sign-in", "/v1/docs", "/errors/")
MACHINES = ("/v1/users/me", "/v1/authz/check", "/.well-known/jwks.json", "/readyz", "/nowhere")
NAMES = (
    "SECURE_HSTS_SECONDS",
    "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    "SECURE_HSTS_PRELOAD",
    "SECURE_SSL_REDIRECT",
    "SECURE_REDIRECT_EXEMPT",
    "SESSION_COOKIE_NAME",
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_NAME",
    "CSRF_COOKIE_SECURE",
)


@pytest.fixture
def in_production(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings that production adds for browsers."""
    values: dict[str, Any] = {
        "secret_key": token_urlsafe(48),
        "vault_local_key": b64encode(token_bytes(32)).decode(),
        "database_url": "postgresql://db/gatehouse",
        "redis_url": "redis://redis",
        "email_url": "smtp://mail",
        "public_url": "https://testserver",
        "allowed_hosts": ["testserver"],
    }
    monkeypatch.setattr(base, "ENVIRONMENT", type(base.ENVIRONMENT)(**values))
    production = runpy.run_module("config.settings.production")
    for name in NAMES:
        setattr(settings, name, production[name])


def asked(path: str, **headers: str) -> Any:
    return Client(headers=headers).get(path, secure=True)


@pytest.mark.parametrize("path", [*PAGES, *MACHINES])
def test_every_answer_keeps_browsers_to_tls_and_from_guessing(
    in_production: None, path: str
) -> None:
    answer = asked(path)
    assert answer["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains; preload"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    if answer.content:
        assert answer["Content-Type"].startswith(("text/html", "application/"))


@pytest.mark.parametrize("path", [*PAGES, *MACHINES])
def test_every_answer_says_what_may_run_and_that_nobody_frames_it(
    in_production: None, path: str
) -> None:
    policy = asked(path)["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "'unsafe-inline'" not in policy
    if "default-src 'none'" not in policy:
        assert "object-src 'none'" in policy
        assert "base-uri 'none'" in policy
    assert "script-src 'unsafe" not in policy


@pytest.mark.parametrize("path", PAGES)
def test_without_tls_people_are_sent_to_it(in_production: None, path: str) -> None:
    answer = Client().get(path)
    assert (answer.status_code, answer["Location"]) == (301, f"https://testserver{path}")


def test_cookies_are_of_this_host_alone_and_not_for_scripts(in_production: None) -> None:
    shipped_rules.install()
    signing_keys.ensure_first()
    UserFactory.create(email="asha@example.com", password=PASSWORD)
    browser = Client()
    form = {"email": "asha@example.com", "password": PASSWORD}
    answer = browser.post("/accounts/sign-in", form, secure=True)
    assert answer.status_code == 302
    session = answer.cookies["__Host-session"]
    assert (session["secure"], session["httponly"], session["path"]) == (True, True, "/")
    assert (session["samesite"], session["domain"]) == ("Lax", "")
    assert all(name.startswith("__Host-") for name in answer.cookies)


def test_a_page_of_a_person_is_kept_by_nobody(in_production: None) -> None:
    browser = sign_in_browser(UserFactory.create())
    answer = browser.get("/accounts/", secure=True, follow=True)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_a_form_of_another_site_is_refused(in_production: None) -> None:
    browser = sign_in_browser(UserFactory.create(), browser=Client(enforce_csrf_checks=True))
    answer = browser.post(
        "/accounts/sign-out", secure=True, headers={"Referer": "https://testserver/"}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("path", PAGES[:1])
def test_trace_is_not_answered(in_production: None, path: str) -> None:
    assert Client().trace(path, secure=True).status_code == 405


MARKUP = re.compile(r"\|\s*safe\b|autoescape off|safeseq")
DANGEROUS = re.compile(
    r"innerHTML|insertAdjacentHTML|document\.write|\beval\(|postMessage|localStorage|sessionStorage"
)
MADE_BY_US = {
    "authenticator_app.html",  # the picture of a code, drawn by a library of its own text
    "policy_editor.js",  # a part of a page that the server has escaped, as is the next
    "simulator.js",
    "console-expressions.js",  # remembers whether the sidebar is open, and nothing else
}


def test_no_template_or_script_of_ours_takes_text_for_markup() -> None:
    depths = ("", "*/", "*/*/")
    templates = [
        path for each in depths for path in PROJECT_ROOT.glob(f"{each}templates/**/*.html")
    ]
    scripts = [path for each in depths[1:] for path in PROJECT_ROOT.glob(f"{each}static/**/*.js")]
    assert len(templates) > 30
    assert scripts
    found = [path for path in templates if MARKUP.search(path.read_text())]
    found += [path for path in scripts if DANGEROUS.search(path.read_text())]
    assert {path.name for path in found} == MADE_BY_US
