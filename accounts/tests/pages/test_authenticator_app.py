"""Setting up an authenticator app in a browser."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Session, User
from accounts.tests.browsers import sign_in_browser
from mfa.models import TotpDevice
from mfa.services import totp
from mfa.tests.factories import App

BEGIN, CONFIRM = "/accounts/security/app/begin", "/accounts/security/app/confirm"
QR = '<div class="qr"><svg'
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ready")]


@pytest.fixture
def browser(asha: User) -> Client:
    return sign_in_browser(asha, amr=("pwd",))


def begin(browser: Client) -> App:
    return App(browser.post(BEGIN).context["enrolment"].secret)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_after_a_wrong_code_the_same_secret_is_shown_again(
    browser: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    first = browser.post(BEGIN)
    enrolment = first.context["enrolment"]
    app = App(enrolment.secret)
    again = browser.post(CONFIRM, {"code": app.wrong_code()})
    assert "The code is not valid" in text(again)
    assert QR in text(again)
    assert enrolment.qr_svg in text(again)
    assert f'<code class="secret">{enrolment.secret}</code>' in text(again)
    assert "no-store" in again["Cache-Control"]
    assert enrolment.secret not in str(again.request) + caplog.text + str(dict(browser.session))

    assert browser.post(CONFIRM, {"code": app.code()}).context["codes"]
    assert TotpDevice.objects.confirmed().count() == 1
    assert "enrolling" not in browser.session


def test_another_browser_of_the_person_is_not_shown_it(asha: User, browser: Client) -> None:
    app = begin(browser)
    other = sign_in_browser(asha, amr=("pwd",))
    page = text(other.post(CONFIRM, {"code": app.wrong_code()}))
    assert QR not in page
    assert "Show a new secret" in page


def test_who_proved_themselves_long_ago_is_not_shown_it_but_may_confirm(browser: Client) -> None:
    app = begin(browser)
    Session.objects.update(auth_time=timezone.now() - timedelta(hours=1))
    assert QR not in text(browser.post(CONFIRM, {"code": app.wrong_code()}))
    assert browser.post(CONFIRM, {"code": app.code()}).context["codes"]


def test_a_secret_that_was_replaced_elsewhere_is_not_shown(asha: User, browser: Client) -> None:
    app = begin(browser)
    later = App(totp.enroll(user=asha).secret)
    page = text(browser.post(CONFIRM, {"code": app.wrong_code()}))
    assert QR not in page
    assert browser.post(CONFIRM, {"code": later.code()}).context["codes"]


def test_without_anything_to_confirm_it_leads_back(browser: Client) -> None:
    answer = browser.post(CONFIRM, {"code": "123456"}, follow=True)
    assert answer.redirect_chain == [("/accounts/security", 302)]
    assert "No enrolment is waiting for a code" in text(answer)
