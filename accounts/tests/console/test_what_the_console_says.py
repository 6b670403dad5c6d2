"""The console speaks in words: of people by address, of actions by what they do, of nothing by where it comes from."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.utils import flatten, flatten_fieldsets, label_for_field
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from accounts.admin.person_actions import TITLES
from accounts.models import Session, User
from accounts.tests.console.conftest import AtConsole
from accounts.tests.factories import UserFactory
from audit.models import AuthEvent
from audit.privacy.models import PrivacyRequest
from authz.models import Policy, Role
from authz.services.roles import grant_role
from config.http.console import ConsoleAdmin
from config.http.console_menu import SECTIONS
from config.http.principal import Principal
from config.jobs import kinds
from config.jobs.kinds import name_of
from config.jobs.tests.factories import JobFactory
from mfa.models import ResetRequest

pytestmark = pytest.mark.django_db

ALIKE = {"API key", "API keys"}  # in both languages


def pages() -> Iterator[ConsoleAdmin]:
    get_resolver().url_patterns  # noqa: B018 - registers them
    yield from (each for each in admin.site._registry.values() if isinstance(each, ConsoleAdmin))


def names_on(page: ConsoleAdmin) -> set[str]:
    fields = flatten_fieldsets(page.fieldsets) if page.fieldsets else page.fields or ()
    return {*flatten([*page.list_display, *page.readonly_fields, *fields])} - {"action_checkbox"}


def said(what: Any, language: str) -> str:
    with translation.override(language):
        return str(what() if callable(what) else what)


def test_every_column_and_field_has_a_name_in_hindi() -> None:
    untold = set()
    for page in pages():
        for name in names_on(page):
            label: Any = lambda: label_for_field(name, page.model, page)  # noqa: B023, E731
            if said(label, "hi") == said(label, "en"):
                untold.add((page.model.__name__, name))
    assert untold == set()


def test_every_list_and_part_of_the_service_has_a_name_in_hindi() -> None:
    names = {page.model._meta.verbose_name_plural for page in pages()}
    names |= {page.model._meta.app_config.verbose_name for page in pages()}
    assert {said(name, "en") for name in names if said(name, "hi") == said(name, "en")} <= ALIKE


def test_every_list_that_may_be_empty_says_where_its_rows_come_from() -> None:
    always_there = {
        "Policy",
        "Role",
        "RoleGrant",
        "User",
        "Session",
        "SigningKey",
        "DataKey",
        "ScheduledJob",
    }
    assert {page.model.__name__ for page in pages() if not page.when_empty} == always_there


def test_an_empty_list_says_so_and_a_search_in_vain_offers_everything(
    at_console: AtConsole,
) -> None:
    browser = at_console("admin")
    path = reverse("admin:accounts_apikey_changelist")
    empty = browser.get(path).content.decode()
    assert "Nothing here yet" in empty
    assert "People make keys for programs of theirs" in empty
    in_vain = browser.get(path, {"q": "nobody at all"}).content.decode()
    assert "Nothing matches" in in_vain
    assert "Show everything" in in_vain


@pytest.mark.parametrize("change", TITLES)
def test_before_a_change_the_console_says_what_it_does(at_console: AtConsole, change: str) -> None:
    asha = UserFactory.create()
    page = at_console("admin").get(reverse(f"admin:accounts_user_{change}_of", args=[asha.pk]))
    explanation = page.context["explanation"]
    assert str(explanation) in page.content.decode().replace("&#x27;", "'")
    assert said(explanation, "hi") != said(explanation, "en")


def test_a_session_is_ended_by_whose_and_where_it_is(at_console: AtConsole) -> None:
    browser = at_console("admin")
    session = Session.objects.get()
    page = browser.get(
        reverse("admin:accounts_session_end_this", args=[session.pk])
    ).content.decode()
    assert f"{session.user.email}: test browser" in page
    assert "End the session<" in page


def test_a_sessions_page_says_how_risky_it_was_once_and_in_words(at_console: AtConsole) -> None:
    browser = at_console("admin")
    Session.objects.update(risk_score=85)
    session = Session.objects.get()
    page = browser.get(reverse("admin:accounts_session_change", args=[session.pk])).content.decode()
    assert "high (85)" in page
    assert "(&#x27;high" not in page


@pytest.fixture
def named(at_console: AtConsole) -> tuple[Client, User]:
    """A browser at the console, and somebody who did many things there."""
    browser, asha = at_console("admin"), UserFactory.create(email="asha@example.com")
    by = Principal(type="user", id=asha.public_id)
    for number in range(3):
        person = UserFactory.create()
        grant_role(user=person, role="trader", granted_by=by, reason=f"test {number}")
        JobFactory.create(owner_type="user", owner_id=asha.public_id)
        PrivacyRequest.objects.create(
            subject=person,
            kind="export",
            requested_by=f"user:{asha.public_id}",
            due_at=timezone.now(),
        )
    return browser, asha


@pytest.mark.parametrize("name", ["authz_rolegrant", "jobs_job", "privacy_privacyrequest"])
def test_who_did_it_is_named_by_address_asked_for_once(
    named: tuple[Client, User], name: str
) -> None:
    browser, asha = named
    with CaptureQueriesContext(connection) as queries:
        page = browser.get(reverse(f"admin:{name}_changelist")).content.decode()
    assert page.count(asha.email) >= 3
    assert f"user:{asha.public_id}" not in page
    asked = [
        query["sql"]
        for query in queries
        if query["sql"].startswith('SELECT "accounts_user"."id" AS "pk", "accounts_user"."email"')
        or query["sql"].startswith('SELECT "accounts_user"."id", "accounts_user"."email"')
    ]
    assert len(asked) == 1


def test_a_row_names_them_too_and_an_id_of_nobody_stays(named: tuple[Client, User]) -> None:
    browser, asha = named
    row = PrivacyRequest.objects.latest("pk")
    path = reverse("admin:privacy_privacyrequest_change", args=[row.pk])
    assert asha.email in browser.get(path).content.decode()
    PrivacyRequest.objects.filter(pk=row.pk).update(requested_by="system")
    assert "system" in browser.get(path).content.decode()


def test_a_request_is_marked_when_it_is_late_and_only_then(named: tuple[Client, User]) -> None:
    browser, _ = named

    def marks() -> int:
        page = browser.get(reverse("admin:privacy_privacyrequest_changelist")).content.decode()
        return len(re.findall(r">\s*late\s*<", page))

    late = marks()
    PrivacyRequest.objects.update(due_at=timezone.now() + timedelta(days=1))
    assert late - marks() == 3


def test_a_page_is_headed_by_what_its_row_is_called(at_console: AtConsole) -> None:
    asha = UserFactory.create(email="asha@example.com")
    path = reverse("admin:accounts_user_change", args=[asha.pk])
    page = at_console("admin").get(path).content.decode()
    assert "Asha@example.com" not in page
    assert "asha@example.com" in page


def test_a_row_of_the_trail_is_a_sentence_first(at_console: AtConsole) -> None:
    browser, asha = at_console("admin"), UserFactory.create(email="asha@example.com")
    grant_role(user=asha, role="trader", granted_by=None, reason="test")
    row = AuthEvent.objects.filter(event_type="authz.role.granted").newest_first()[0]
    page = browser.get(reverse("admin:audit_authevent_change", args=[row.pk])).content.decode()
    assert "The role trader was granted." in page
    assert "About: asha@example.com." in page


def test_with_nothing_to_wrap_again_there_is_no_button(at_console: AtConsole) -> None:
    page = at_console("admin").get(reverse("admin:vault_datakey_rewrap")).content.decode()
    assert "there is nothing to do" in page
    assert 'type="submit" class="bg-primary-600' not in page


def test_moments_are_written_alike_in_both_languages(at_console: AtConsole) -> None:
    browser = at_console("admin")
    person = User.objects.get()
    told = f"{person.created_at:%Y-%m-%d %H:%M}"
    for language in ("en", "hi"):
        browser.cookies["language"] = language
        assert told in browser.get(reverse("admin:accounts_user_changelist")).content.decode()


def test_nobody_waits_at_a_list_of_lost_factors_without_a_way_to_begin(
    at_console: AtConsole,
) -> None:
    assert not ResetRequest.objects.exists()
    page = at_console("admin").get(reverse("admin:mfa_resetrequest_changelist")).content.decode()
    assert "Begin on the page of a person" in page


def test_jobs_and_shipped_roles_are_told_in_the_readers_language(at_console: AtConsole) -> None:
    Role.objects.filter(name="support").update(description="Ours alone.")
    JobFactory.create(kind="trading.sync_all")
    JobFactory.create(kind="tests.unnamed")
    browser = at_console("admin")
    jobs, roles = (reverse(f"admin:{name}_changelist") for name in ("jobs_job", "authz_role"))
    assert "sync of all accounts" in browser.get(jobs).content.decode()
    assert "Everybody who has an account." in browser.get(roles).content.decode()
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "hi"
    page = browser.get(jobs).content.decode()
    assert page.count(said(lambda: gettext("sync of all accounts"), "hi")) >= 2  # row and filter
    assert "sync of all accounts" not in page
    assert "tests.unnamed" in page
    page = browser.get(roles).content.decode()
    assert "Everybody who has an account." not in page
    assert "Ours alone." in page


def test_every_kind_of_job_has_a_name_and_only_one() -> None:
    assert {kind for kind in kinds._names if name_of(kind) == kind} == set()
    assert {"people.change", "trading.sync", "vault.rewrap", "privacy.export"} <= set(kinds._names)
    with pytest.raises(ValueError, match="another name"):
        kinds.named("vault.rewrap", "something else")


def marked(page: str) -> list[str]:
    """Where the entries of the menu lead that are marked as the one where one is."""
    menu = page[page.index('id="nav-sidebar-apps"') :]
    links = re.findall(r'<a href="([^"]*)" class="([^"]*)"', menu)
    return [address for address, classes in links if "active" in classes.split()]


def test_the_menu_marks_the_one_entry_where_one_is(at_console: AtConsole) -> None:
    browser = at_console("admin")
    policies, simulator = (
        reverse("admin:authz_policy_changelist"),
        reverse("admin:authz_policy_simulate"),
    )
    policy = reverse("admin:authz_policy_change", args=[Policy.objects.live()[0].pk])
    assert marked(browser.get(policies).content.decode()) == [policies]
    assert marked(browser.get(policy).content.decode()) == [policies]
    assert marked(browser.get(simulator).content.decode()) == [simulator]
    assert marked(browser.get(reverse("admin:index")).content.decode()) == []


def test_every_entry_of_the_menu_marks_itself_alone(at_console: AtConsole) -> None:
    browser = at_console("admin")
    for _, entries in SECTIONS:
        for _, _, view, _ in entries:
            assert marked(browser.get(reverse(view)).content.decode()) == [reverse(view)]


def test_what_the_console_is_for_is_said_in_the_readers_language(at_console: AtConsole) -> None:
    browser = at_console("support")
    assert "People, policies, brokers" in browser.get(reverse("admin:index")).content.decode()
    browser.cookies["language"] = "hi"
    assert "लोग, नीतियाँ, ब्रोकर" in browser.get(reverse("admin:index")).content.decode()
