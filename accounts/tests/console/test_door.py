"""Who gets into the console, and how."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from accounts.models import Session, User
from accounts.services import console_link, status
from accounts.tests.console.walking_in import (
    INDEX,
    LOGIN,
    SECOND,
    Staff,
    is_in,
    knock,
    make_staff,
    walk_in,
)
from accounts.tests.factories import PASSWORD, UserFactory
from audit.models import AuthEvent
from authz.models import Role
from authz.services.roles import grant_role
from config.telemetry import planted_secrets
from mfa.services import backup_codes
from mfa.tests.authenticator import Authenticator
from mfa.tests.factories import App, a_passkey

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ready")]


@pytest.fixture
def staff() -> Staff:
    return make_staff()


def test_staff_sign_in_with_their_password_and_a_second_factor(staff: Staff) -> None:
    browser = Client()
    assert knock(browser, staff.email.upper())["Location"] == SECOND
    assert not is_in(browser)
    assert "authenticator app" in browser.get(SECOND).content.decode()
    assert browser.post(SECOND, {"code": staff.app.code()})["Location"] == INDEX
    assert reverse("admin:accounts_user_changelist") in browser.get(INDEX).content.decode()


def test_a_wrong_code_does_not_open_and_the_page_asks_again(staff: Staff) -> None:
    browser = Client()
    knock(browser, staff.email)
    page = browser.post(SECOND, {"code": staff.app.wrong_code()})
    assert "not valid" in page.content.decode()
    assert not is_in(browser)
    assert browser.post(SECOND, {"code": staff.app.code()}).status_code == 302
    assert is_in(browser)


def test_five_wrong_codes_lead_back_to_the_password(staff: Staff) -> None:
    browser = Client()
    knock(browser, staff.email)
    for _ in range(5):
        browser.post(SECOND, {"code": staff.app.wrong_code()})
    assert browser.post(SECOND, {"code": staff.app.code()})["Location"] == LOGIN
    assert not is_in(browser)


def test_a_backup_code_opens_once(staff: Staff) -> None:
    (code, *_) = backup_codes.regenerate(user=staff.person)
    planted_secrets.add(code)
    for opens in (True, False):
        browser = Client()
        knock(browser, staff.email)
        browser.post(SECOND, {"code": code})
        assert is_in(browser) == opens


def test_a_passkey_is_a_second_factor_here_too(staff: Staff) -> None:
    phone = a_passkey(staff.person)
    browser = Client()
    knock(browser, staff.email)
    options = browser.post(reverse("second-factor-options")).json()
    assert browser.post(SECOND, {"credential": json.dumps(phone.get(options))}).status_code == 302
    assert is_in(browser)


def test_a_passkey_alone_opens_the_console(staff: Staff) -> None:
    phone = a_passkey(staff.person)
    browser = Client()
    options = browser.post(reverse("console-passkey-options")).json()
    answer = browser.post(LOGIN, {"credential": json.dumps(phone.get(options))})
    assert answer["Location"] == INDEX
    assert is_in(browser)
    assert Session.objects.get().method == "passkey"


def test_a_passkeys_answer_is_good_in_the_browser_that_asked(staff: Staff) -> None:
    phone = a_passkey(staff.person)
    mine, theirs = Client(), Client()
    options = mine.post(reverse("console-passkey-options")).json()
    theirs.post(reverse("console-passkey-options"))
    theirs.post(LOGIN, {"credential": json.dumps(phone.get(options))})
    assert not is_in(theirs)


def test_nobody_is_in_between_password_and_second_factor(staff: Staff) -> None:
    browser = Client()
    knock(browser, staff.email)
    assert Session.objects.count() == 0
    assert browser.get(reverse("security")).status_code == 302
    people = browser.get(reverse("admin:accounts_user_changelist"))
    assert people["Location"].startswith(LOGIN)


def test_staff_without_a_factor_set_one_up_first() -> None:
    person: User = UserFactory.create(password=PASSWORD)
    grant_role(user=person, role="support", granted_by=None, reason="test")
    browser = Client()
    assert knock(browser, person.email)["Location"] == INDEX
    for path in (INDEX, reverse("admin:accounts_user_changelist")):
        led = browser.get(path)
        assert led["Location"] == f"{reverse('security')}?{urlencode({'next': path})}"
    assert "needs a second factor" in browser.get(led["Location"]).content.decode()

    page = browser.post(reverse("begin-app"))
    app = App(page.context["enrolment"].secret)
    before = browser.session.session_key
    codes = browser.post(reverse("confirm-app"), {"code": app.code()})
    planted_secrets.add(*codes.context["codes"])
    assert reverse("admin:accounts_user_changelist") in codes.content.decode()
    assert browser.session.session_key != before
    assert is_in(browser)
    assert Session.objects.get().acr == "mfa"


def test_a_factor_set_up_elsewhere_is_asked_for_here() -> None:
    person: User = UserFactory.create(password=PASSWORD)
    grant_role(user=person, role="support", granted_by=None, reason="test")
    browser = Client()
    knock(browser, person.email)
    phone = a_passkey(person)
    led = browser.get(INDEX)["Location"]
    assert led.startswith(reverse("prove-yourself"))
    assert "password" not in browser.get(led).context["methods"]
    browser.post(led, {"password": PASSWORD})
    assert not is_in(browser)
    options = browser.post(reverse("prove-yourself-options")).json()
    assert browser.post(led, {"credential": json.dumps(phone.get(options))})["Location"] == INDEX
    assert is_in(browser)


def test_everybody_else_is_answered_alike(staff: Staff) -> None:
    nobody = UserFactory.create(password=PASSWORD)
    suspended = make_staff()
    status.suspend(user=suspended.person, reason="left")
    refusals = [
        knock(Client(), staff.email, "not the password"),
        knock(Client(), "nobody@example.com"),
        knock(Client(), nobody.email),
        knock(Client(), suspended.email),
        knock(Client(), "no address"),
    ]
    for refusal in refusals:
        assert refusal.status_code == 200
        assert refusal.context["form"].errors == {"__all__": ["E-mail or password is not right"]}
    assert Session.objects.count() == 0
    assert not AuthEvent.objects.filter(event_type="auth.login.succeeded").exists()
    reasons = AuthEvent.objects.filter(event_type="auth.login.failed", client_id="console")
    assert sorted(row.metadata["reason"] for row in reasons) == [
        "account_suspended",
        "bad_credentials",
        "bad_credentials",
        "not_staff",
    ]


def test_the_door_is_throttled_like_the_api(staff: Staff) -> None:
    browser = Client()
    for _ in range(5):
        knock(browser, staff.email, "not the password")
    assert knock(browser, staff.email).status_code == 200
    assert AuthEvent.objects.filter(event_type="auth.login.delayed").count() == 1


def test_the_menu_holds_what_the_role_may_see() -> None:
    Role.objects.create(name="visitor", description="Looks in.", scopes=["console:access"])
    visitor = make_staff("visitor")
    browser = Client()
    walk_in(browser, visitor)
    page = browser.get(INDEX).content.decode()
    assert reverse("admin:accounts_signingkey_changelist") in page
    assert reverse("admin:accounts_user_changelist") not in page
    assert browser.get(reverse("admin:accounts_user_changelist")).status_code == 403


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_no_other_site_is_where_one_ends_up(staff: Staff, target: str) -> None:
    browser = Client()
    browser.post(LOGIN, {"username": staff.email, "password": PASSWORD, "next": target})
    assert browser.post(SECOND, {"code": staff.app.code()})["Location"] == INDEX


def test_one_ends_up_where_one_was_going(staff: Staff) -> None:
    browser = Client()
    wanted = reverse("admin:accounts_user_changelist")
    led = browser.get(wanted)["Location"]
    assert wanted in browser.get(led).content.decode()
    browser.post(LOGIN, {"username": staff.email, "password": PASSWORD, "next": wanted})
    assert browser.post(SECOND, {"code": staff.app.code()})["Location"] == wanted


def test_a_foreign_page_posts_nothing_here(staff: Staff) -> None:
    browser = Client(enforce_csrf_checks=True)
    for path in (LOGIN, SECOND, reverse("console-passkey-options"), reverse("begin-app")):
        assert browser.post(path, {"username": staff.email}).status_code == 403


def link_token() -> str:
    link = console_link.issue(user=console_link.ensure_admin())
    return link.partition("token=")[2]


def test_a_one_time_link_leads_once_to_setting_a_factor_up() -> None:
    token = link_token()
    browser = Client()
    page = browser.get("/console/sign-in-link", {"token": token})
    assert "Continue" in page.content.decode()
    answer = browser.post("/console/sign-in-link", {"token": token})
    assert (answer.status_code, answer["Location"]) == (302, INDEX)
    assert browser.get(INDEX)["Location"].startswith(reverse("security"))
    options = browser.post(reverse("passkey-options")).json()
    credential = json.dumps(Authenticator().create(options))
    added = browser.post(reverse("add-passkey"), {"credential": credential, "name": "Laptop"})
    planted_secrets.add(*added.context["codes"])
    assert is_in(browser)
    assert Session.objects.get().method == "console_link"
    assert Client().post("/console/sign-in-link", {"token": token}).status_code == 400


def test_a_one_time_link_replaces_the_password_and_not_the_factor() -> None:
    admin = console_link.ensure_admin()
    phone = a_passkey(admin)
    browser = Client()
    assert browser.post("/console/sign-in-link", {"token": link_token()})["Location"] == SECOND
    assert not is_in(browser)
    options = browser.post(reverse("second-factor-options")).json()
    browser.post(SECOND, {"credential": json.dumps(phone.get(options))})
    assert is_in(browser)


def test_a_one_time_link_is_good_for_minutes() -> None:
    token = console_link.issue(user=console_link.ensure_admin()).partition("token=")[2]
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert Client().post("/console/sign-in-link", {"token": token}).status_code == 400


def test_a_link_is_for_people_who_may_enter() -> None:
    with pytest.raises(ValueError, match="has no role"):
        console_link.issue(user=UserFactory.create())


def test_the_first_administrator_is_made_once() -> None:
    assert console_link.ensure_admin() == console_link.ensure_admin()


def test_thirty_tries_in_fifteen_minutes_are_all_an_address_gets(staff: Staff) -> None:
    browser = Client()
    for number in range(30):
        knock(browser, f"nobody{number}@example.com")
    assert knock(browser, staff.email).status_code == 200


def test_djangos_own_password_page_is_closed(staff: Staff) -> None:
    browser = Client()
    walk_in(browser, staff)
    assert browser.get("/console/password_change/").status_code == 404
