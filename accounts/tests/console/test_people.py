"""The console's pages of people and sessions."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.models.user import UserStatus
from accounts.tests.conftest import SignIn
from accounts.tests.console.conftest import AtConsole
from accounts.tests.factories import UserFactory
from audit.models import AuthEvent
from authz.services.roles import grant_role

PEOPLE = reverse("admin:accounts_user_changelist")
pytestmark = pytest.mark.django_db


def act(browser: Client, path: str, action: str, *rows: User, **fields: str) -> str:
    body = {"action": action, "_selected_action": [str(row.pk) for row in rows], **fields}
    return browser.post(path, body, follow=True).content.decode()


def test_people_are_found_by_part_of_what_one_knows(at_console: AtConsole) -> None:
    asha = UserFactory.create(name="Asha Rao", phone="+919876543210")
    UserFactory.create(name="Ravi Iyer")
    browser = at_console("support")
    for search in ("rao", "98765", asha.public_id):
        page = browser.get(PEOPLE, {"q": search}).content.decode()
        assert "Asha Rao" in page
        assert "Ravi Iyer" not in page


def test_a_persons_page_tells_and_changes_nothing(at_console: AtConsole) -> None:
    asha = UserFactory.create()
    path = reverse("admin:accounts_user_change", args=[asha.pk])
    browser = at_console("admin")
    page = browser.get(path).content.decode()
    assert asha.public_id in page
    assert asha.password not in page
    browser.post(path, {"email": "other@example.com", "status": "erased"})
    assert User.objects.get(pk=asha.pk).email == asha.email


def test_suspending_wants_a_reason_and_says_who_did_it(at_console: AtConsole) -> None:
    asha = UserFactory.create()
    browser = at_console("admin")
    assert "Reason" in act(browser, PEOPLE, "suspend", asha)
    assert "A reason is needed" in act(browser, PEOPLE, "suspend", asha, reason="  ")
    assert User.objects.get(pk=asha.pk).status == UserStatus.ACTIVE
    act(browser, PEOPLE, "suspend", asha, reason="court order")
    assert User.objects.get(pk=asha.pk).status == UserStatus.SUSPENDED
    row = AuthEvent.objects.get(event_type="account.suspended")
    staff = User.objects.exclude(pk=asha.pk).get()
    assert (row.actor_type, row.actor_id, row.client_id) == ("user", staff.public_id, "console")
    assert row.metadata["reason"] == "court order"


def test_what_cannot_be_is_said_and_the_others_are_done(at_console: AtConsole) -> None:
    closed, open_ = UserFactory.create(status=UserStatus.ERASED), UserFactory.create()
    page = act(at_console("admin"), PEOPLE, "deactivate", closed, open_, reason="asked")
    assert f"{closed.email}: From erased to deactivated." in page
    assert User.objects.get(pk=open_.pk).status == UserStatus.DEACTIVATED


def test_a_suspended_person_is_let_in_again(at_console: AtConsole) -> None:
    asha = UserFactory.create(status=UserStatus.SUSPENDED)
    act(at_console("admin"), PEOPLE, "reactivate", asha, reason="lifted")
    assert User.objects.get(pk=asha.pk).status == UserStatus.ACTIVE


def test_whoever_only_reads_cannot_suspend(at_console: AtConsole) -> None:
    asha = UserFactory.create()
    act(at_console("compliance"), PEOPLE, "suspend", asha, reason="no right")
    assert User.objects.get(pk=asha.pk).status == UserStatus.ACTIVE


def test_all_of_a_persons_sessions_end_at_once(at_console: AtConsole, sign_in: SignIn) -> None:
    asha = sign_in()
    phone = sign_in(asha.user)
    browser = at_console("admin")
    assert "Reason" in act(browser, PEOPLE, "end_sessions", asha.user)
    assert phone.client.get("/v1/users/me").status_code == 200
    act(browser, PEOPLE, "end_sessions", asha.user, reason="the bag was stolen")
    notes = AuthEvent.objects.filter(event_type="auth.logout").values_list(
        "metadata__note", flat=True
    )
    assert list(notes) == ["the bag was stolen"] * 2
    assert phone.client.get("/v1/users/me").status_code == 401


@pytest.mark.parametrize(
    "lookup", ["password__startswith", "password__regex", "sessions__ip", "email__startswith"]
)
def test_a_list_cannot_be_asked_for_columns_that_no_filter_offers(
    at_console: AtConsole, lookup: str
) -> None:
    assert at_console("support").get(PEOPLE, {lookup: "argon2"}).status_code == 400


def test_an_administrator_is_out_of_supports_reach(at_console: AtConsole) -> None:
    admin = UserFactory.create()
    grant_role(user=admin, role="admin", granted_by=None, reason="test")
    page = act(at_console("support"), PEOPLE, "suspend", admin, reason="coup")
    assert "rights that you do not" in page
    assert User.objects.get(pk=admin.pk).status == UserStatus.ACTIVE
