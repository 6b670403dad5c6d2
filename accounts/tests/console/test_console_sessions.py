"""What a browser at the console is worth, and until when."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.backends.db import SessionStore as Store
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Session, User
from accounts.models.session import EndReason
from accounts.services import sessions, status
from accounts.tests.browsers import sign_in_browser
from accounts.tests.conftest import SignIn
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
from authz.services.roles import grant_role, revoke_role
from mfa.tests.factories import a_passkey

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ready")]


@pytest.fixture
def staff() -> Staff:
    return make_staff()


def test_whoever_loses_the_role_or_is_suspended_is_out_at_once(staff: Staff) -> None:
    browser = Client()
    walk_in(browser, staff)
    revoke_role(user=staff.person, role="support", revoked_by=None, reason="left the team")
    assert browser.get(INDEX).status_code == 302
    grant_role(user=staff.person, role="support", granted_by=None, reason="came back")
    assert is_in(browser)
    status.suspend(user=staff.person, reason="stolen laptop")
    assert browser.get(INDEX).status_code == 302


def test_a_console_session_is_one_of_the_persons_devices(staff: Staff) -> None:
    browser = Client()
    walk_in(browser, staff)
    session = Session.objects.get()
    assert (session.method, session.device_name, session.acr) == ("password", "Console", "mfa")
    sessions.end_own(user=staff.person, session_id=session.public_id)
    assert not is_in(browser)


def test_signing_out_everywhere_ends_it(staff: Staff) -> None:
    browser = Client()
    walk_in(browser, staff)
    sessions.end_all(user=staff.person, reason=EndReason.LOGOUT)
    assert not is_in(browser)


def test_signing_out_of_the_console_ends_the_session(staff: Staff) -> None:
    browser = Client()
    walk_in(browser, staff)
    browser.post(reverse("admin:logout"))
    assert not is_in(browser)
    assert Session.objects.get().end_reason == "logout"
    assert AuthEvent.objects.filter(event_type="auth.logout").count() == 1


def test_it_ends_with_its_time(staff: Staff) -> None:
    browser = Client()
    walk_in(browser, staff)
    with time_machine.travel(timezone.now() + timedelta(hours=7)):
        assert is_in(browser)
    with time_machine.travel(timezone.now() + timedelta(hours=9)):
        assert not is_in(browser)


def test_the_key_of_the_browser_changes_at_each_door(staff: Staff) -> None:
    browser = Client()
    browser.post(reverse("console-passkey-options"))
    keys = [browser.session.session_key]
    knock(browser, staff.email)
    keys.append(browser.session.session_key)
    browser.post(SECOND, {"code": staff.app.code()})
    keys.append(browser.session.session_key)
    assert len(set(keys)) == 3


def test_signing_in_again_leaves_nothing_of_before(staff: Staff) -> None:
    phone = a_passkey(staff.person)
    browser = Client()
    walk_in(browser, staff)
    before = browser.session.session_key
    options = browser.post(reverse("console-passkey-options")).json()
    browser.post(LOGIN, {"credential": json.dumps(phone.get(options))})
    assert is_in(browser)
    assert browser.session.session_key != before
    assert not Store(before).load()


def test_one_persons_mark_is_worth_nothing_with_another(staff: Staff) -> None:
    other = make_staff()
    browser, theirs = Client(), Client()
    walk_in(browser, staff)
    walk_in(theirs, other)
    state = browser.session
    state["session_id"] = theirs.session["session_id"]
    state.save()
    assert not is_in(browser)


def test_a_sign_in_is_on_the_trail_like_any_other(staff: Staff) -> None:
    walk_in(Client(), staff)
    row = AuthEvent.objects.get(event_type="auth.login.succeeded")
    assert (row.actor_id, row.client_id, row.metadata["method"], row.metadata["amr"]) == (
        staff.person.public_id,
        "console",
        "password",
        ["pwd", "otp"],
    )


def test_an_api_session_is_no_console_session(sign_in: SignIn, staff: Staff) -> None:
    person: User = UserFactory.create(password=PASSWORD)
    grant_role(user=person, role="support", granted_by=None, reason="test")
    assert sign_in(person).client.get(INDEX).status_code == 302


def test_without_a_second_factor_no_page_takes_one_for_staff(staff: Staff) -> None:
    for amr, whole in ((("pwd",), False), (("pwd", "otp"), True)):
        report = sign_in_browser(staff.person, amr=amr).get("/health").json()
        assert ("critical" in report["checks"]["database"]) == whole
