"""My account, Profile."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.services import preferences
from audit.models import AuthEvent

PAGE = "/accounts/profile"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ready")]


def sent(**changes: str) -> dict[str, str]:
    return {
        "name": "Asha Rao",
        "phone": "",
        "timezone": "Asia/Kolkata",
        "locale": "en",
        **changes,
    }


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_stranger_signs_in_first() -> None:
    assert Client().get(PAGE)["Location"] == "/accounts/sign-in?next=%2Faccounts%2Fprofile"


def test_a_profile_is_changed(asha: User, browser: Client) -> None:
    answer = browser.post(PAGE, sent(name="Asha R.", phone="+919876543210", timezone="Asia/Tokyo"))
    assert answer["Location"] == PAGE
    asha.refresh_from_db()
    assert (asha.name, asha.phone, asha.timezone) == ("Asha R.", "+919876543210", "Asia/Tokyo")
    assert AuthEvent.objects.filter(event_type="account.updated").count() == 1
    assert "Your profile is saved." in text(browser.get(PAGE))


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("phone", "123", "Not a phone number"),
        ("timezone", "Nowhere", "Select a valid choice"),
        ("locale", "xx", "Select a valid choice"),
        ("name", "see www.example.com", "Reads like a link"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(
    asha: User, browser: Client, field: str, value: str, told: str
) -> None:
    assert told in text(browser.post(PAGE, sent(**{field: value})))
    asha.refresh_from_db()
    assert getattr(asha, field) != value


def test_an_older_name_of_a_time_zone_stays(asha: User, browser: Client) -> None:
    User.objects.update(timezone="US/Pacific")
    browser.post(PAGE, sent(name="Asha", timezone="US/Pacific"))
    asha.refresh_from_db()
    assert (asha.name, asha.timezone) == ("Asha", "US/Pacific")


def test_the_mails_one_can_do_without_are_chosen(asha: User, browser: Client) -> None:
    browser.post(f"{PAGE}/mails", {"product_news_email": "on"})
    chosen = preferences.document_of(preferences.of(asha))["notifications"]
    assert chosen == {
        "new_device_email": False,
        "broker_login_email": False,
        "product_news_email": True,
    }
    assert "Your choice of mails is saved." in text(browser.get(PAGE))
