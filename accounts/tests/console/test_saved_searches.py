"""Searches of the console's lists are kept under a name, for oneself or for a role."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.tests.console.conftest import AtConsole
from accounts.tests.factories import UserFactory
from audit.models import AuthEvent
from audit.searches import services
from audit.searches.errors import SearchNotFoundError, TooManySearchesError
from audit.searches.models import Page, SavedSearch
from audit.tests.factories import AuthEventFactory
from config.http.problems import ForbiddenError
from tests.racing import at_once

pytestmark = pytest.mark.django_db
PAGES = ("accounts_user", "trading_tradingaccount", "audit_authevent")
PEOPLE = reverse("admin:accounts_user_changelist")
NEW = reverse("admin:accounts_user_save_search")


def save(browser: Client, name: str, query: str = "status__exact=suspended", **fields: str) -> str:
    answer = browser.post(f"{NEW}?{query}", {"name": name, **fields}, follow=True)
    return answer.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_a_search_is_saved_opened_and_deleted(at_console: AtConsole, page: str) -> None:
    browser = at_console("support")
    lists, new = reverse(f"admin:{page}_changelist"), reverse(f"admin:{page}_save_search")
    assert "Save this search" not in browser.get(lists).content.decode()
    assert f"{new}?q=rao" in browser.get(lists, {"q": "rao", "p": "1"}).content.decode()
    browser.post(f"{new}?q=rao", {"name": "All Raos"})
    listed = browser.get(lists).content.decode()
    assert 'href="?q=rao"' in listed
    assert "All Raos" in listed
    delete = reverse(f"admin:{page}_delete_search", args=[SavedSearch.objects.get().pk])
    assert delete in listed
    assert browser.get(delete).status_code == 405
    browser.post(delete)
    assert not SavedSearch.objects.exists()
    kinds = AuthEvent.objects.exclude(event_type__in=["console.viewed", "auth.login.succeeded"])
    told = [row.event_type for row in kinds.order_by("occurred_at") if "search" in row.event_type]
    assert told == ["console.search_saved", "console.search_deleted"]


def test_a_private_search_is_its_owners_alone(at_console: AtConsole) -> None:
    mine, other = at_console("support"), at_console("support")
    save(mine, "Suspended ones")
    assert "Suspended ones" in mine.get(PEOPLE).content.decode()
    assert "Suspended ones" not in other.get(PEOPLE).content.decode()


def test_a_shared_search_is_for_all_who_hold_the_role_and_deleted_by_its_owner(
    at_console: AtConsole,
) -> None:
    mine, other, stranger = at_console("support"), at_console("support"), at_console("compliance")
    save(mine, "Suspended ones", shared_with="support")
    search = SavedSearch.objects.get()
    delete = reverse("admin:accounts_user_delete_search", args=[search.pk])
    page = other.get(PEOPLE).content.decode()
    assert "Suspended ones" in page
    assert delete not in page
    assert "No such saved search" in other.post(delete, follow=True).content.decode()
    assert SavedSearch.objects.exists()
    assert "Suspended ones" not in stranger.get(PEOPLE).content.decode()


def test_a_search_of_one_list_is_not_above_another(at_console: AtConsole) -> None:
    browser = at_console("support")
    save(browser, "Suspended ones")
    trail = browser.get(reverse("admin:audit_authevent_changelist")).content.decode()
    assert 'href="?status__exact=suspended"' not in trail


def test_what_cannot_be_saved_is_told(at_console: AtConsole) -> None:
    browser = at_console("support")
    save(browser, "Suspended ones")
    assert "You have a search of this name here" in save(browser, "Suspended ones")
    assert "There is nothing to save" in save(browser, "Nothing", query="p=3")
    assert "Select a valid choice" in save(browser, "For chiefs", shared_with="admin")
    assert SavedSearch.objects.count() == 1


def test_one_shares_with_roles_of_ones_own(at_console: AtConsole) -> None:
    at_console("support")
    user: User = UserFactory.create()
    with pytest.raises(ForbiddenError):
        services.save(
            owner_id=user.pk, page=Page.PEOPLE, name="x", query="q=x", shared_with="admin"
        )


def test_there_is_an_end_to_them(environment: object) -> None:
    environment(saved_searches_most=1)  # type: ignore[operator]
    user: User = UserFactory.create()
    services.save(owner_id=user.pk, page=Page.PEOPLE, name="one", query="q=x")
    with pytest.raises(TooManySearchesError):
        services.save(owner_id=user.pk, page=Page.PEOPLE, name="two", query="q=x")


@pytest.mark.django_db(transaction=True)
def test_the_end_holds_for_searches_that_are_saved_at_once(environment: object) -> None:
    environment(saved_searches_most=1)  # type: ignore[operator]
    user: User = UserFactory.create()

    def saving(name: str) -> Callable[[], object]:
        return lambda: services.save(owner_id=user.pk, page=Page.PEOPLE, name=name, query="q=x")

    ended = at_once(*map(saving, "abcdefgh"))
    assert sum(isinstance(one, TooManySearchesError) for one in ended) == 7
    assert SavedSearch.objects.count() == 1


def test_nobody_deletes_what_is_not_theirs() -> None:
    mine = services.save(
        owner_id=UserFactory.create().pk, page=Page.PEOPLE, name="one", query="q=x"
    )
    with pytest.raises(SearchNotFoundError):
        services.delete(owner_id=UserFactory.create().pk, search_id=mine.pk)


def test_who_may_not_see_a_list_saves_nothing_of_it(at_console: AtConsole) -> None:
    browser = at_console("trader")
    assert browser.post(f"{NEW}?q=x", {"name": "x"}).status_code in {302, 403}
    assert not SavedSearch.objects.exists()


def test_the_trail_reads_as_a_timeline_at_the_same_cost(at_console: AtConsole) -> None:
    browser = at_console("support")
    path = reverse("admin:audit_authevent_changelist")

    def more() -> None:
        asha: User = UserFactory.create()
        AuthEventFactory.create(
            event_type="account.suspended",
            actor_type="user",
            actor_id=asha.public_id,
            subject_user_id=asha.public_id,
            metadata={"reason": "court order"},
        )

    def cost() -> int:
        browser.get(path)
        with CaptureQueriesContext(connection) as captured:
            browser.get(path)
        return len(captured)

    more()
    few = cost()
    for _ in range(3):
        more()
    assert cost() == few
    page = browser.get(path).content.decode()
    assert "The account was suspended. Reason: court order" in page
    assert User.objects.latest("id").email in page
