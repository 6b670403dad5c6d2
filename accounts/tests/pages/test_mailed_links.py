"""What the pages that mails lead to say when they are done, and when their link is not good any more."""

import re
from typing import Any

import pytest
from django.test import Client, TestCase
from django.urls import reverse

from accounts.models import Session, User
from accounts.models.single_use_token import TokenPurpose
from accounts.pages.stale_links import INSTEAD
from accounts.services import passwords, single_use_tokens
from accounts.tests.mailed import token_to
from config.telemetry import planted_secrets

MENU = '<nav class="menu"'
EMAIL, NEW = "/accounts/profile/email", "asha.rao@example.net"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ready")]


def committed(call: Any) -> Any:
    with TestCase.captureOnCommitCallbacks(execute=True):
        return call()


def text(answer: Any) -> str:
    return str(answer.content.decode())


def disowning_token(user: User) -> str:
    token = single_use_tokens.issue(
        user=user,
        purpose=TokenPurpose.SESSION_DISOWNING,
        lifetime=60,
        details={"session": Session.objects.get().public_id},
    )
    planted_secrets.add(token)
    return token


def assert_is_signed_out(answer: Any) -> None:
    assert answer.status_code == 200
    assert MENU not in text(answer)
    assert f'<a href="{reverse("account_login")}">Sign in</a>' in text(answer)


def test_it_was_not_me_leaves_a_page_that_is_signed_out(asha: User, browser: Client) -> None:
    link = {"token": disowning_token(asha)}
    assert MENU in text(browser.get("/accounts/not-me", link))
    assert_is_signed_out(browser.post("/accounts/not-me", link))
    assert browser.get("/accounts/")["Location"].startswith(reverse("account_login"))


def test_so_does_a_change_of_address_that_was_not_mine(browser: Client) -> None:
    committed(lambda: browser.post(EMAIL, {"email": NEW}))
    link = {"token": token_to("asha@example.com")}
    assert_is_signed_out(browser.post("/accounts/not-my-change", link))


def test_so_does_a_new_password(asha: User, browser: Client) -> None:
    committed(lambda: passwords.send_reset_link(user=asha))
    form = {"token": token_to(asha.email), "new_password": "seven quiet rivers run"}
    assert_is_signed_out(browser.post("/accounts/reset-password", form))


def test_so_does_a_closed_account(browser: Client) -> None:
    assert_is_signed_out(browser.post("/accounts/my-data/delete"))


def test_who_confirms_a_new_address_stays_signed_in_where_they_asked(browser: Client) -> None:
    committed(lambda: browser.post(EMAIL, {"email": NEW}))
    answer = browser.post("/accounts/confirm-email", {"token": token_to(NEW)})
    assert MENU in text(answer)
    assert f'<a href="{reverse("my-account")}">My account</a>' in text(answer)


@pytest.mark.parametrize(
    ("path", "told", "ways"),
    [
        ("verify-email", "have another link mailed", ["resend-verification", "account_login"]),
        ("reset-password", "Ask for another link", ["account_reset_password", "account_login"]),
        ("confirm-email", "on the page of your e-mail address", ["change-email"]),
        ("not-my-change", "tell our support", ["account_login", "account_reset_password"]),
        ("not-me", "choose a new password now", ["account_reset_password", "my-account"]),
        ("stopped-sign-in", "sign in again", ["account_login", "account_reset_password"]),
    ],
)
def test_a_stale_link_says_what_to_do_instead(path: str, told: str, ways: list[str]) -> None:
    form = {"token": "stale", "new_password": "seven quiet rivers run"}
    answer = Client().post(f"/accounts/{path}", form)
    assert answer.status_code == 400
    page = text(answer)
    assert "This link is not good any more" in page
    assert told in page
    assert "Ask for a new one" not in page
    links = re.findall(r'<li>\s*<a href="([^"]+)"', page)
    assert links == [reverse(view) for view in ways]
    for link in links:
        assert Client().get(link).status_code in {200, 302}


def test_every_mailed_link_has_something_to_do_instead() -> None:
    not_mailed = {TokenPurpose.SECOND_FACTOR, TokenPurpose.HANDOFF, TokenPurpose.REOPENING}
    assert set(INSTEAD) == set(TokenPurpose) - not_mailed
