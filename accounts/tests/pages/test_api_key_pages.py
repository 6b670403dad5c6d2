"""My account, API keys."""

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import ApiKey, User
from accounts.services import api_keys
from accounts.tests.browsers import sign_in_browser
from accounts.tests.factories import UserFactory
from accounts.tests.second_factor import code_of
from config.telemetry import planted_secrets
from mfa.services import totp

PAGE = "/accounts/api-keys"
NEW = f"{PAGE}/new"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ready")]


@pytest.fixture
def asha() -> User:
    user: User = UserFactory.create(email="asha@example.com", timezone="Asia/Kolkata")
    return user


def text(answer: Any) -> str:
    return str(answer.content.decode())


def make(browser: Client, **changes: Any) -> str:
    body = {"name": "Ticker", "scopes": ["me:read"], "until": "", "networks": "", **changes}
    page = text(browser.post(NEW, body))
    planted_secrets.add(*re.findall(r'class="secret">([^<]+)<', page))
    return page


def test_a_key_is_made_shown_once_and_revoked(browser: Client, asha: User) -> None:
    page = make(browser, networks="203.0.113.7/32, 198.51.100.0/24")
    secret = re.search(r'class="secret">([^<]+)<', page)
    assert secret
    planted_secrets.add(secret[1])
    key = api_keys.find(secret[1])
    assert key is not None
    assert (key.user, key.scopes) == (asha, ["me:read"])
    assert key.networks == ["198.51.100.0/24", "203.0.113.7/32"]

    listed = text(browser.get(PAGE))
    assert "Ticker" in listed
    assert "read your profile, preferences and activity" in listed
    assert "me:read" not in listed
    assert secret[1] not in listed

    asked = browser.get(f"{PAGE}/{key.public_id}/revoke")
    assert "Revoke “Ticker”?" in text(asked)
    assert api_keys.is_good(key)
    assert browser.post(f"{PAGE}/{key.public_id}/revoke")["Location"] == PAGE
    key.refresh_from_db()
    assert not api_keys.is_good(key)
    assert "You have no key" in text(browser.get(PAGE))


def test_the_last_day_is_one_where_the_person_lives(browser: Client) -> None:
    day = timezone.localdate() + timedelta(days=9)
    make(browser, until=day.isoformat())
    midnight = datetime.combine(
        day + timedelta(days=1), datetime.min.time(), ZoneInfo("Asia/Kolkata")
    )
    assert ApiKey.objects.get().expires_at == midnight


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("name", "", "This field is required."),
        ("name", "see www.example.com", "Reads like a link"),
        ("scopes", [], "This field is required."),
        ("scopes", ["users:write"], "Select a valid choice"),
        ("networks", "everywhere", "A network in CIDR form"),
        ("until", "2020-01-01", "Must lie in the future."),
        ("until", "2090-01-01", "days from now."),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(
    browser: Client, field: str, value: Any, told: str
) -> None:
    assert told in make(browser, **{field: value})
    assert not ApiKey.objects.exists()


def test_one_more_than_the_most_is_refused_in_words(browser: Client, environment: Any) -> None:
    environment(api_keys_per_person=1)
    make(browser)
    make(browser)
    assert ApiKey.objects.count() == 1
    assert "revoke one that is not needed" in text(browser.get(PAGE))


def test_nobody_elses_key_is_seen_or_revoked(browser: Client) -> None:
    ravi = api_keys.create(user=UserFactory.create(), name="Ravi's", scopes=["me:read"])
    planted_secrets.add(ravi.secret)
    assert "Ravi" not in text(browser.get(PAGE))
    assert browser.post(f"{PAGE}/{ravi.key.public_id}/revoke")["Location"] == PAGE
    ravi.key.refresh_from_db()
    assert api_keys.is_good(ravi.key)


def test_a_key_is_made_only_after_a_fresh_second_factor(asha: User) -> None:
    browser = sign_in_browser(asha, amr=("pwd",))
    assert browser.get(PAGE).status_code == 200
    assert browser.get(NEW)["Location"].startswith("/accounts/security?next=")
    totp.confirm(user=asha, code=code_of(totp.enroll(user=asha).secret))
    assert browser.post(NEW, {"name": "x", "scopes": ["me:read"]})["Location"].startswith(
        "/accounts/prove-yourself?next="
    )
    assert not ApiKey.objects.exists()
