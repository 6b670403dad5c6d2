"""My account, E-mail address, and the pages that the mails about it lead to."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import EmailChange, Session, User
from accounts.tests.browsers import sign_in_browser
from accounts.tests.factories import UserFactory
from accounts.tests.mailed import token_to
from mfa.tests.factories import a_passkey

PAGE, NEW = "/accounts/profile/email", "asha.rao@example.net"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ready")]


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_whoever_proved_themselves_long_ago_does_so_again(browser: Client) -> None:
    Session.objects.update(auth_time=timezone.now() - timedelta(hours=1))
    assert (
        browser.get(PAGE)["Location"]
        == "/accounts/prove-yourself?next=%2Faccounts%2Fprofile%2Femail"
    )


def test_whoever_has_a_second_factor_proves_that(asha: User) -> None:
    browser = sign_in_browser(asha, amr=("pwd",))
    assert browser.get(PAGE).status_code == 200
    a_passkey(asha)
    assert browser.get(PAGE)["Location"].startswith("/accounts/prove-yourself")


def test_an_address_is_asked_for_and_confirmed(
    asha: User, browser: Client, django_capture_on_commit_callbacks: Any
) -> None:
    assert "/accounts/profile/email" in text(browser.get("/accounts/profile"))
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.post(PAGE, {"email": NEW})["Location"] == PAGE
    waiting = text(browser.get(PAGE))
    assert "We have mailed a link" in waiting
    assert NEW in waiting

    link = {"token": token_to(NEW)}
    asked = text(Client().get("/accounts/confirm-email", link))
    assert NEW in asked
    assert User.objects.get().email == asha.email
    assert NEW in text(Client().post("/accounts/confirm-email", link))
    assert User.objects.get().email == NEW
    assert "asha@example.com" in text(browser.get(PAGE))  # until when it can be taken back
    stale = Client().post("/accounts/confirm-email", link)
    assert stale.status_code == 400


def test_it_is_withdrawn(browser: Client) -> None:
    browser.post(PAGE, {"email": NEW})
    answer = browser.post("/accounts/profile/email/withdraw", follow=True)
    assert "Your address stays as it is." in text(answer)
    assert EmailChange.objects.get().state == "ended"
    assert "stays as it is" not in text(
        browser.post("/accounts/profile/email/withdraw", follow=True)
    )


@pytest.mark.parametrize(
    ("email", "told"),
    [("nonsense", "valid email"), ("asha@example.com", "It is your address already.")],
)
def test_what_is_not_right_is_told_beside_the_field(browser: Client, email: str, told: str) -> None:
    assert told in text(browser.post(PAGE, {"email": email}))
    assert not EmailChange.objects.exists()


def test_after_five_in_an_hour_one_waits(browser: Client) -> None:
    for number in range(5):
        browser.post(PAGE, {"email": f"a{number}@example.net"})
    assert "Too many tries" in text(browser.post(PAGE, {"email": NEW}))


def test_the_page_of_the_notice_says_what_it_is_about(
    browser: Client, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(PAGE, {"email": NEW})
    page = text(Client().get("/accounts/not-my-change", {"token": token_to("asha@example.com")}))
    assert "asha@example.com" in page
    assert NEW in page
    assert EmailChange.objects.get().state == "asked"


def test_an_address_that_somebody_else_took_is_told_to_whoever_reads_it(
    browser: Client, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(PAGE, {"email": NEW})
    UserFactory.create(email=NEW)
    answer = Client().post("/accounts/confirm-email", {"token": token_to(NEW)})
    assert answer.status_code == 409
    assert "The address belongs to another account" in text(answer)


@pytest.mark.parametrize("path", ["/accounts/confirm-email", "/accounts/not-my-change"])
def test_a_link_that_is_not_good_says_so(path: str) -> None:
    assert Client().get(path, {"token": "stale"}).status_code == 400
    assert Client().post(path, {"token": "stale"}).status_code == 400
    assert mail.outbox == []
