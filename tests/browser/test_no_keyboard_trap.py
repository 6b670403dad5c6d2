"""The tabulator goes through every page to its end, over what one can see, and back (WCAG 2.1.2, 2.4.7, 2.4.11)."""

from itertools import pairwise
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from accounts.models import User
from accounts.services.console_link import ensure_admin
from accounts.tests.browsers import sign_in_browser
from authz.models import Policy

MOST_TABS = 400
# Which element has the focus, none for the page itself; whether one can see it; and how it is written.
FOCUSED = """() => {
  const at = document.activeElement;
  if (!at || at === document.body || at === document.documentElement) return null;
  const box = at.getBoundingClientRect(), style = getComputedStyle(at);
  return {
    number: [...document.querySelectorAll("*")].indexOf(at),
    seen: box.width > 0 && box.height > 0 && style.visibility !== "hidden",
    of_parts: ["date", "time", "datetime-local"].includes(at.type),
    what: at.outerHTML.slice(0, 160),
  };
}"""
FROM_THE_TOP = (
    "document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')"
)
OUTSIDE = ("/accounts/sign-in", "/accounts/sign-up", "/console/login/")
PERSONS = ("/accounts/", "/accounts/profile", "/accounts/profile/email", "/accounts/security")


def walk(page: Page, key: str) -> list[dict[str, Any]]:
    """What has the focus, key by key, from where the page is entered to where it is left."""
    steps: list[dict[str, Any]] = []
    for _ in range(MOST_TABS):
        page.keyboard.press(key)
        at = page.evaluate(FOCUSED)
        if at is None and not steps:
            continue  # not in the page yet
        if at is None or (steps and at["number"] == steps[0]["number"] != steps[-1]["number"]):
            return steps
        steps.append(at)
    return pytest.fail(f"{page.url} is not left: {[step['what'] for step in steps[-3:]]}")


def faults_of(page: Page, path: str) -> list[str]:
    page.goto(path)
    page.evaluate(FROM_THE_TOP)
    forth, back = walk(page, "Tab"), walk(page, "Shift+Tab")
    stuck = [
        at["what"]
        for at, then in pairwise(forth)
        if at["number"] == then["number"] and not at["of_parts"]
    ]
    unseen = [at["what"] for at in forth if not at["seen"]]
    one_way = {at["what"] for at in forth} ^ {at["what"] for at in back}
    return [
        *(f"{path}: stuck at {what}" for what in stuck),
        *(f"{path}: not to be seen: {what}" for what in unseen),
        *(f"{path}: reached in one direction alone: {what}" for what in one_way),
    ]


def enter(page: Page, site: str, person: User) -> None:
    cookie = sign_in_browser(person).cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": site}])


def test_the_doors_are_walked_through(page: Page, site: str) -> None:
    assert [fault for path in OUTSIDE for fault in faults_of(page, path)] == []


def test_a_persons_pages_are_walked_through(page: Page, site: str) -> None:
    ensure_admin()
    enter(page, site, User.objects.get())
    assert [fault for path in PERSONS for fault in faults_of(page, path)] == []


def test_the_console_is_walked_through_its_editors_too(page: Page, site: str) -> None:
    ensure_admin()
    person = User.objects.get()
    enter(page, site, person)
    policy = Policy.objects.get(name="owners")
    paths = (
        reverse("admin:index"),
        reverse("admin:accounts_user_changelist"),
        reverse("admin:accounts_user_change", args=[person.pk]),
        reverse("admin:accounts_user_suspend_of", args=[person.pk]),
        reverse("admin:authz_policy_change", args=[policy.pk]),
        reverse("admin:authz_policy_simulate"),
        reverse("admin:authz_rolegrant_add"),
    )
    assert [fault for path in paths for fault in faults_of(page, path)] == []
