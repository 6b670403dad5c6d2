"""Roles and grants in the console: given and taken through the same rules as everywhere."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from authz.models import Role, RoleGrant
from authz.services.roles import grant_role, roles_of
from authz.tests.admin.conftest import SignIn, queries_of, text_of
from authz.tests.factories import make_person, make_role

pytestmark = pytest.mark.django_db

LIST, ADD = reverse("admin:authz_rolegrant_changelist"), reverse("admin:authz_rolegrant_add")
ROLES = reverse("admin:authz_role_changelist")


def give(browser: Client, person: Any, role: str, **fields: Any) -> Any:
    body = {"user": person.pk, "role": Role.objects.get(name=role).pk, "reason": "a test"}
    return browser.post(ADD, body | fields, follow=True)


def take(browser: Client, person: Any, **fields: str) -> Any:
    grant = RoleGrant.objects.of(person.pk).open().get()
    body = {"action": "revoke", "_selected_action": str(grant.pk)}
    return browser.post(LIST, body | fields, follow=True)


def test_a_role_is_given_and_taken(console: SignIn) -> None:
    person, browser = make_person(), console()
    give(browser, person, "support")
    assert roles_of(person.pk) == {"support"}
    grant = RoleGrant.objects.of(person.pk).get()
    assert grant.granted_by.startswith("user:usr_")
    assert "Reason" in text_of(take(browser, person))
    take(browser, person, reason="left the team")
    assert roles_of(person.pk) == frozenset()
    grant.refresh_from_db()
    assert grant.end_reason == "left the team"


def test_another_grant_of_a_role_in_force_replaces_it(console: SignIn) -> None:
    person, browser = make_person(), console()
    give(browser, person, "support")
    soon = timezone.now() + timedelta(days=1)
    give(
        browser,
        person,
        "support",
        reason="for a day",
        expires_at_0=soon.strftime("%Y-%m-%d"),
        expires_at_1=soon.strftime("%H:%M:%S"),
    )
    live = RoleGrant.objects.of(person.pk).live().get()
    assert live.reason == "for a day"
    assert live.expires_at is not None


def test_a_time_that_has_passed_is_refused(console: SignIn) -> None:
    person = make_person()
    answer = give(console(), person, "support", expires_at_0="2020-01-01", expires_at_1="00:00:00")
    assert "Must lie in the future." in text_of(answer)
    assert roles_of(person.pk) == frozenset()


def test_nobody_grants_to_themself(console: SignIn) -> None:
    person = make_person()
    answer = give(console(person=person), person, "compliance")
    assert "Roles are granted by somebody else" in text_of(answer)
    assert roles_of(person.pk) == {"admin"}


def test_nobody_grants_what_is_above_them(console: SignIn) -> None:
    person = make_person()
    make_role(name="owner-of-all", scopes=["everything:write"])
    answer = give(console(), person, "owner-of-all")
    assert "You do not hold everything:write yourself." in text_of(answer)
    assert roles_of(person.pk) == frozenset()


def test_a_refusal_is_told_and_changes_nothing(console: SignIn) -> None:
    person, browser = make_person(), console()
    make_role(name="owner-of-all", scopes=["everything:write"])
    grant_role(user=person, role="owner-of-all", granted_by=None, reason="a test")
    answer = take(browser, person, reason="mine")
    assert "You do not hold everything:write yourself." in text_of(answer)
    assert roles_of(person.pk) == {"owner-of-all"}


def test_a_grant_is_shown_and_never_edited(console: SignIn) -> None:
    person, browser = make_person(), console()
    give(browser, person, "support")
    grant = RoleGrant.objects.of(person.pk).get()
    address = reverse("admin:authz_rolegrant_change", args=[grant.pk])
    assert "a test" in text_of(browser.get(address))
    assert browser.post(address, {"reason": "other"}).status_code == 403


def test_support_sees_grants_and_gives_none(console: SignIn) -> None:
    person, browser = make_person(), console("support")
    assert browser.get(LIST).status_code == 200
    assert browser.get(ADD).status_code == 403
    assert give(browser, person, "trader").status_code == 403
    grant_role(user=person, role="trader", granted_by=None, reason="a test")
    take(browser, person, reason="mine")
    assert roles_of(person.pk) == {"trader"}


@pytest.mark.parametrize(("state", "shown"), [("live", 1), ("over", 1), ("", 2)])
def test_grants_are_filtered_by_state(console: SignIn, state: str, shown: int) -> None:
    person, browser = make_person(email="held@example.com"), console("support")
    grant_role(user=person, role="trader", granted_by=None, reason="first")
    grant_role(user=person, role="trader", granted_by=None, reason="second")
    listed = text_of(browser.get(LIST, {"state": state, "q": "held@example.com"}))
    assert listed.count("held@example.com</") == shown


def test_roles_are_shown_with_their_scopes_and_holders(console: SignIn) -> None:
    browser = console("support")
    listed = text_of(browser.get(ROLES))
    assert "compliance" in listed
    assert "audit:export" in listed
    role = Role.objects.get(name="support")
    address = reverse("admin:authz_role_change", args=[role.pk])
    assert "users:write" in text_of(browser.get(address))
    assert browser.post(address, {"name": "x"}).status_code == 403


def test_a_longer_list_costs_no_more(console: SignIn, django_assert_max_num_queries: Any) -> None:
    browser = console("support")
    short = queries_of(browser, LIST)
    for _ in range(10):
        grant_role(user=make_person(), role="trader", granted_by=None, reason="a test")
    with django_assert_max_num_queries(short):
        browser.get(LIST)
