"""In which language a page is, and how one chooses another."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.tests.browsers import sign_in_browser
from accounts.tests.factories import UserFactory

SIGN_IN = "/accounts/sign-in"
SWITCH = "/accounts/language"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ready")]


def language_of(answer: Any) -> str:
    language = str(answer["Content-Language"])
    assert f'<html lang="{language}"' in answer.content.decode()
    return language


def test_a_stranger_reads_the_language_that_their_browser_asks_for() -> None:
    for asked, given in (("hi-IN,hi;q=0.9", "hi"), ("fr", "en"), ("", "en")):
        answer = Client(headers={"accept-language": asked}).get(SIGN_IN)
        assert language_of(answer) == given
        assert "Accept-Language" in answer["Vary"]


def test_a_choice_is_remembered_in_the_browser_and_leads_back() -> None:
    browser = Client(headers={"accept-language": "en"})
    answer = browser.post(SWITCH, {"language": "hi", "next": SIGN_IN})
    assert answer["Location"] == SIGN_IN
    assert language_of(browser.get(SIGN_IN)) == "hi"


def test_a_choice_leads_to_no_other_site_and_to_no_unknown_language() -> None:
    browser = Client()
    answer = browser.post(SWITCH, {"language": "tlh", "next": "https://evil.example/"})
    assert answer["Location"] == "/accounts/"
    assert language_of(browser.get(SIGN_IN)) == "en"


def test_whoever_is_signed_in_reads_their_own_and_gets_mails_in_what_they_choose() -> None:
    asha: User = UserFactory.create(locale="hi")
    browser = sign_in_browser(asha)
    assert language_of(browser.get("/accounts/")) == "hi"
    browser.post(SWITCH, {"language": "en", "next": "/accounts/"})
    assert language_of(browser.get("/accounts/")) == "en"
    asha.refresh_from_db()
    assert asha.locale == "en"


def test_the_api_speaks_english() -> None:
    answer = Client(headers={"accept-language": "hi"}).get("/v1/users/me")
    assert answer.json()["title"].isascii()
    assert "Content-Language" not in answer


def test_the_page_after_a_broker_s_login_is_in_the_reader_s_language_and_its_json_is_not() -> None:
    path = "/v1/trading-accounts/kite/callback?status=cancelled"
    page = Client(headers={"accept-language": "hi", "accept": "text/html"}).get(path)
    assert language_of(page) == "hi"
    program = Client(headers={"accept-language": "hi", "accept": "application/json"}).get(path)
    assert program.json()["title"].isascii()


def test_who_signs_up_on_a_page_in_hindi_gets_mails_in_hindi() -> None:
    browser = Client(headers={"accept-language": "hi"})
    body = {"name": "Asha", "email": "asha@example.com", "password": "seven quiet rivers run"}
    assert browser.post("/accounts/sign-up", body).status_code == 302
    assert User.objects.get().locale == "hi"
