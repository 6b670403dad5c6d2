"""What each of the shipped roles may see and do, tried at every page of the console and every endpoint of staff.

The pages come from the registry of the console, the endpoints from the URL map: a new one is tried by itself. What it
needs is what it declares; that this is kept is what is tested, at the menu, the pages, their actions and the API.
"""

from collections.abc import Iterator
from html import unescape
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client, RequestFactory
from django.urls import URLPattern, get_resolver, reverse

from accounts.models import User
from accounts.tests.browsers import sign_in_browser
from accounts.tests.factories import UserFactory
from authz.models import Role
from authz.services.roles import grant_role
from config.http.console import ConsoleAdmin
from config.http.principal import Principal
from tests.security.addresses import Address, _walk, addresses
from tests.security.test_every_endpoint import bearer_of, of_somebody_else, ready, send

__all__ = ["of_somebody_else", "ready"]

pytestmark = pytest.mark.django_db
ROLES = ("user", "trader", "support", "compliance", "admin", "visitor")
STAFF = ("support", "compliance", "admin", "visitor")
VISITOR = {"console:access"}  # a role that opens the door and nothing else
ALL_PAGES: list[Any] = list(admin.site._registry.values())
PAGES = [page for page in ALL_PAGES if isinstance(page, ConsoleAdmin)]
OF_LIBRARIES = [page for page in ALL_PAGES if page not in PAGES]
VIEWS = dict(_walk(get_resolver().url_patterns, "/"))


@pytest.fixture
def roles(ready: None) -> dict[str, set[str]]:
    """Every shipped role, and one more, with its scopes."""
    Role.objects.create(name="visitor", scopes=sorted(VISITOR))
    found = {role.name: set(role.scopes) for role in Role.objects.all()}
    assert set(found) == set(ROLES)
    return found


def somebody(role: str) -> User:
    person: User = UserFactory.create()
    grant_role(user=person, role=role, granted_by=None, reason="a test")
    return person


def list_of(page: Any) -> str:
    return reverse(f"admin:{page.model._meta.app_label}_{page.model._meta.model_name}_changelist")


def urls_of(page: Any) -> Iterator[str]:
    """Every address of a page but the catch-all, which leads to the others."""
    for pattern in page.get_urls():
        assert isinstance(pattern, URLPattern)
        if pattern.name is None:
            continue
        key = [str(uuid4())] if pattern.pattern.converters or pattern.pattern.regex.groups else []
        yield reverse(f"admin:{pattern.name}", args=key)


def test_every_page_says_what_it_needs(roles: dict[str, set[str]]) -> None:
    of_somebody = set().union(*roles.values())
    assert [page for page in PAGES if page.view_scope not in of_somebody] == []
    assert all(page.change_scope in of_somebody | {""} for page in PAGES)


@pytest.mark.parametrize("role", STAFF)
def test_pages_that_came_with_libraries_are_closed(role: str, roles: dict[str, set[str]]) -> None:
    browser = sign_in_browser(somebody(role))
    for page in OF_LIBRARIES:
        assert browser.get(list_of(page)).status_code == 403, page


@pytest.mark.parametrize("role", ["user", "trader"])
def test_who_is_no_staff_does_not_come_in(role: str, roles: dict[str, set[str]]) -> None:
    browser = sign_in_browser(somebody(role))
    for page in PAGES:
        answer = browser.get(list_of(page))
        assert answer.status_code == 302, page
        assert answer["Location"].startswith(reverse("admin:login"))


@pytest.mark.parametrize("role", STAFF)
def test_the_menu_has_what_opens_and_nothing_else(role: str, roles: dict[str, set[str]]) -> None:
    browser = sign_in_browser(somebody(role))
    beside = reverse("admin:accounts_signingkey_changelist")  # the dashboard has links of its own
    index = unescape(browser.get(beside).content.decode())
    for page in PAGES:
        may = page.view_scope in roles[role]
        assert (f'href="{list_of(page)}"' in index) == may, page
        assert browser.get(list_of(page)).status_code == (200 if may else 403), page


@pytest.mark.parametrize("role", STAFF)
def test_no_address_of_a_page_opens_without_its_right(
    role: str, roles: dict[str, set[str]]
) -> None:
    browser = sign_in_browser(somebody(role))
    closed = [page for page in PAGES if page.view_scope not in roles[role]]
    assert closed or role != "visitor"
    for url in (url for page in closed for url in urls_of(page)):
        assert _is_closed(browser.get(url)), url
        assert _is_closed(browser.post(url, {"reason": "because"})), url


def _is_closed(answer: Any) -> bool:
    """Django leads to the index from what is not there, before it looks at rights."""
    away = answer.status_code == 302 and answer["Location"] == reverse("admin:index")
    return bool(away or answer.status_code == 403)


@pytest.mark.parametrize("role", STAFF)
def test_nothing_is_added_changed_or_looked_up_without_the_right(
    role: str, roles: dict[str, set[str]]
) -> None:
    browser = sign_in_browser(somebody(role))
    for page in PAGES:
        if page.change_scope in roles[role]:
            continue
        name = f"admin:{page.model._meta.app_label}_{page.model._meta.model_name}"
        assert browser.get(reverse(f"{name}_add")).status_code == 403, page
        assert browser.post(reverse(f"{name}_add"), {}).status_code == 403, page
        key = uuid4()
        assert browser.post(reverse(f"{name}_delete", args=[key]), {}).status_code in {302, 403}
        for field in page.autocomplete_fields:
            looked_for = page.model._meta.get_field(field).remote_field.model
            allowed = apps.get_model(looked_for._meta.label)
            assert _looked_up(browser, page, field) == (
                200 if admin.site._registry[allowed].view_scope in roles[role] else 403  # type: ignore[attr-defined]
            )


def _looked_up(browser: Client, page: Any, field: str) -> int:
    options = page.model._meta
    query = {"app_label": options.app_label, "model_name": options.model_name, "field_name": field}
    return browser.get(reverse("admin:autocomplete"), query).status_code


@pytest.mark.parametrize("role", STAFF)
def test_an_action_is_offered_to_those_who_may(role: str, roles: dict[str, set[str]]) -> None:
    request = RequestFactory().get("/console/")
    request.user = somebody(role)
    for page in PAGES:
        offered = set(page.get_actions(request))
        for name in page.actions:
            (needed,) = getattr(getattr(page, name), "allowed_permissions", [f"{name}?"])
            scope = needed.replace("_", ":", 1)
            assert (name in offered) == (scope in roles[role]), f"{page}: {name}"


@pytest.mark.parametrize("role", STAFF)
def test_a_button_of_a_row_does_nothing_for_those_who_may_not(
    role: str, roles: dict[str, set[str]]
) -> None:
    browser = sign_in_browser(somebody(role))
    for page in PAGES:
        for name in page.actions_detail or ():
            (needed,) = getattr(page, name).allowed_permissions
            options = page.model._meta
            url = reverse(f"admin:{options.app_label}_{options.model_name}_{name}", args=[uuid4()])
            may = needed.replace("_", ":", 1) in roles[role]
            assert (browser.get(url).status_code == 403) != may, url
            if not may:
                assert browser.post(url, {"reason": "because"}).status_code == 403, url


@pytest.mark.parametrize("role", STAFF)
def test_a_button_above_a_list_does_nothing_for_those_who_may_not(
    role: str, roles: dict[str, set[str]]
) -> None:
    browser = sign_in_browser(somebody(role))
    for page in PAGES:
        for name in page.actions_list or ():
            (needed,) = getattr(page, name).allowed_permissions
            may = needed.replace("_", ":", 1) in roles[role]
            options = page.model._meta
            url = reverse(f"admin:{options.app_label}_{options.model_name}_{name}")
            assert (browser.get(url).status_code == 403) != may, url
            if not may:
                assert browser.post(url, {}).status_code == 403, url


@pytest.mark.parametrize("role", STAFF)
def test_nor_does_a_button_on_the_page_of_a_row(role: str, roles: dict[str, set[str]]) -> None:
    browser = sign_in_browser(somebody(role))
    for page in PAGES:
        for name in page.actions_detail or ():
            (needed,) = getattr(page, name).allowed_permissions
            options = page.model._meta
            url = reverse(f"admin:{options.app_label}_{options.model_name}_{name}", args=[uuid4()])
            expected = {404, 302} if needed.replace("_", ":", 1) in roles[role] else {403}
            assert browser.get(url).status_code in expected, url
            assert browser.post(url, {"reason": "because"}).status_code in expected, url


def scopes_of(address: Address) -> set[str]:
    """What an endpoint demands of its callers, whatever else it demands."""
    view = getattr(VIEWS[address.path], "cls", None)
    if view is None:
        return set()
    made = view()
    made.kwargs = dict.fromkeys(address.parameters, "")
    made.request = SimpleNamespace(
        method=address.method.upper(), query_params={}, auth=Principal(type="user", id="")
    )
    return {
        permission.required_scope
        for permission in made.get_permissions()
        if hasattr(permission, "required_scope")
    }


OF_STAFF = {address: scopes for address in addresses() if (scopes := scopes_of(address))}


@pytest.mark.parametrize("role", ["user", *STAFF])
def test_no_endpoint_of_staff_answers_those_without_its_scope(
    role: str, roles: dict[str, set[str]], of_somebody_else: dict[str, str]
) -> None:
    assert len(OF_STAFF) > 30
    token = bearer_of(somebody(role))
    for address, needed in OF_STAFF.items():
        answer = send(address, address.filled(of_somebody_else), Authorization=token)
        if needed <= roles[role]:
            assert answer.status_code != 401, f"{address}: {answer.content!r}"
        else:
            assert answer.status_code == 403, f"{address}: {answer.content!r}"


def test_staff_read_what_their_role_lets_them_read(
    roles: dict[str, set[str]], of_somebody_else: dict[str, str]
) -> None:
    token = bearer_of(somebody("admin"))
    read = [address for address in OF_STAFF if address.method == "get"]
    answers = {
        address: send(address, address.filled(of_somebody_else), Authorization=token).status_code
        for address in read
        if OF_STAFF[address] <= roles["admin"]
    }
    assert len(answers) > 15
    assert {address: code for address, code in answers.items() if code in {401, 403}} == {}


def test_a_button_of_what_is_no_row_is_not_found(roles: dict[str, set[str]]) -> None:
    Role.objects.create(name="everything", scopes=sorted(set().union(*roles.values())))
    browser = sign_in_browser(somebody("everything"))
    for page in PAGES:
        for name in page.actions_detail or ():
            options = page.model._meta
            url = f"admin:{options.app_label}_{options.model_name}_{name}"
            assert browser.get(reverse(url, args=["nonsense"])).status_code == 404, url
