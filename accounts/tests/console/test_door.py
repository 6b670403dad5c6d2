"""Who gets into the console, and how."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import console_link, status
from accounts.tests.conftest import SignIn
from accounts.tests.factories import PASSWORD, UserFactory
from audit.models import AuthEvent
from authz.models import Role
from authz.services.roles import grant_role, revoke_role

INDEX, LOGIN = reverse("admin:index"), reverse("admin:login")
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ready")]


@pytest.fixture
def staff() -> User:
    person: User = UserFactory.create(password=PASSWORD)
    grant_role(user=person, role="support", granted_by=None, reason="test")
    return person


def knock(browser: Client, email: str, password: str = PASSWORD) -> bool:
    """Whether e-mail and password open the door."""
    browser.post(LOGIN, {"username": email, "password": password})
    return browser.get(INDEX).status_code == 200


def test_staff_sign_in_with_their_password(staff: User) -> None:
    browser = Client()
    assert knock(browser, staff.email.upper())
    page = browser.get(INDEX).content.decode()
    assert reverse("admin:accounts_user_changelist") in page


def test_nobody_else_gets_in(staff: User) -> None:
    assert not knock(Client(), UserFactory.create(password=PASSWORD).email)
    assert not knock(Client(), staff.email, "not the password")
    assert not knock(Client(), "nobody@example.com")


def test_the_door_is_throttled_like_the_api(staff: User) -> None:
    browser = Client()
    for _ in range(5):
        knock(browser, staff.email, "not the password")
    assert not knock(browser, staff.email)
    assert AuthEvent.objects.filter(event_type="auth.login.delayed").count() == 1


def test_the_menu_holds_what_the_role_may_see() -> None:
    visitor: User = UserFactory.create(password=PASSWORD)
    Role.objects.create(name="visitor", description="Looks in.", scopes=["console:access"])
    grant_role(user=visitor, role="visitor", granted_by=None, reason="test")
    browser = Client()
    assert knock(browser, visitor.email)
    page = browser.get(INDEX).content.decode()
    assert reverse("admin:accounts_signingkey_changelist") in page
    assert reverse("admin:accounts_user_changelist") not in page
    assert browser.get(reverse("admin:accounts_user_changelist")).status_code == 403


def test_whoever_loses_the_role_or_is_suspended_is_out_at_once(staff: User) -> None:
    browser = Client()
    assert knock(browser, staff.email)
    revoke_role(user=staff, role="support", revoked_by=None, reason="left the team")
    assert browser.get(INDEX).status_code == 302
    grant_role(user=staff, role="support", granted_by=None, reason="came back")
    assert browser.get(INDEX).status_code == 200
    status.suspend(user=staff, reason="stolen laptop")
    assert browser.get(INDEX).status_code == 302


def test_a_one_time_link_opens_the_door_once() -> None:
    link = console_link.issue(user=console_link.ensure_admin())
    path = link.removeprefix(link.split("/console/")[0])
    browser = Client()
    assert "Continue" in browser.get(path).content.decode()
    token = path.partition("token=")[2]
    answer = browser.post("/console/sign-in-link", {"token": token})
    assert (answer.status_code, answer["Location"]) == (302, INDEX)
    assert browser.get(INDEX).status_code == 200
    assert Client().post("/console/sign-in-link", {"token": token}).status_code == 400


def test_a_one_time_link_is_good_for_minutes() -> None:
    token = console_link.issue(user=console_link.ensure_admin()).partition("token=")[2]
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert Client().post("/console/sign-in-link", {"token": token}).status_code == 400


def test_a_link_is_for_people_who_may_enter() -> None:
    with pytest.raises(ValueError, match="has no role"):
        console_link.issue(user=UserFactory.create())


def test_the_first_administrator_is_made_once() -> None:
    assert console_link.ensure_admin() == console_link.ensure_admin()


def test_an_api_session_is_no_console_session(sign_in: SignIn, staff: User) -> None:
    assert sign_in(staff).client.get(INDEX).status_code == 302


def test_a_sign_in_is_on_the_trail(staff: User) -> None:
    knock(Client(), staff.email)
    row = AuthEvent.objects.get(event_type="auth.login.succeeded")
    assert (row.actor_id, row.client_id, row.metadata["method"]) == (
        staff.public_id,
        "console",
        "console",
    )


def test_thirty_tries_in_fifteen_minutes_are_all_an_address_gets(staff: User) -> None:
    browser = Client()
    for number in range(30):
        knock(browser, f"nobody{number}@example.com")
    assert not knock(browser, staff.email)


def test_djangos_own_password_page_is_closed(staff: User) -> None:
    browser = Client()
    knock(browser, staff.email)
    assert browser.get("/console/password_change/").status_code == 404
