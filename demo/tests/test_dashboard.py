"""The console's first page over the made-up ninety days, for each of the shipped roles."""

import io
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Session
from accounts.tests.browsers import sign_in_browser
from accounts.tests.factories import UserFactory
from audit.services.chaining import chain_waiting
from audit.tests.factories import AuthEventFactory
from audit.types import AuditType
from authz.models import Role
from authz.services import shipped
from authz.services.roles import grant_role
from config.dashboard.cards import registered

pytestmark = pytest.mark.django_db
DASHBOARD = "/console/"
FIGURE = re.compile(r'<a href="([^"]+)"><b>([^<]*)</b>\s*<span>([^<]*)</span></a>')


def as_staff(role: str) -> Client:
    person = UserFactory.create()
    grant_role(user=person, role=role, granted_by=None, reason="a test")
    return sign_in_browser(person)


@pytest.fixture
def demo(db: None) -> None:
    shipped.install()
    arguments = ("--people", "60", "--accounts", "40", "--into-production")
    call_command("seed_demo", *arguments, stdout=io.StringIO(), stderr=io.StringIO())


def page_of(browser: Client, query: str = "") -> str:
    answer = browser.get(DASHBOARD + query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def figures_of(page: str) -> dict[tuple[str, str], str]:
    """Each figure's link and words, and its value."""
    return {(unescape(link), unescape(text)): value for link, value, text in FIGURE.findall(page)}


def test_every_figure_leads_to_a_list_with_as_many_rows(demo: None) -> None:
    browser = as_staff("admin")
    chain_waiting()  # which counts them by day
    figures = figures_of(page_of(browser, "?span=30d"))
    assert len(figures) > 20
    counted = 0
    for (link, text), value in figures.items():
        answer = browser.get(link)
        assert answer.status_code == 200, link
        shows_a_part = text in {"left alone for a while", "seconds the oldest waits"}
        if not value.replace(",", "").isdecimal() or shows_a_part or "?" not in link:
            continue
        assert answer.context["cl"].result_count == int(value.replace(",", "")), (link, text)
        counted += 1
    assert counted > 15


def test_an_anomaly_is_one_click_from_its_session(demo: None) -> None:
    theft = Session.objects.get(risk_score=85)
    page = page_of(as_staff("support"), "?span=24h")
    assert f"/console/accounts/session/{theft.pk}/change/" in page
    assert theft.user.email in page


@pytest.mark.parametrize("role", ["support", "compliance", "admin"])
def test_a_card_is_for_those_who_may_see_its_list(role: str, db: None) -> None:
    shipped.install()
    browser = as_staff(role)
    page = page_of(browser)
    scopes = Role.objects.get(name=role).scopes
    lists: dict[str, Any] = {page.model._meta.label: page for page in admin.site._registry.values()}
    for card in registered():
        may = lists[card.model].view_scope in scopes
        assert (f'aria-label="{card.title}"' in page) == may, card.title


def test_who_may_enter_and_see_nothing_else_has_the_keys_alone(db: None) -> None:
    Role.objects.create(name="visitor", scopes=["console:access"])
    page = page_of(as_staff("visitor"))
    assert 'aria-label="Signing keys"' in page
    assert 'aria-label="Sign-ins"' not in page
    assert "?type=" not in page


def test_as_many_queries_whatever_there_is(demo: None) -> None:
    browser = as_staff("admin")

    def queries(query: str) -> int:
        page_of(browser, query)
        with CaptureQueriesContext(connection) as captured:
            page_of(browser, query)
        return len(captured)

    many = queries("?span=90d")
    for row in range(3):
        AuthEventFactory.create(
            event_type=AuditType.SESSION_ANOMALY,
            occurred_at=timezone.now() - timedelta(minutes=row),
            session_id=Session.objects.all()[row].public_id,
        )
    assert queries("?span=90d") == queries("?span=24h") == many
    assert many < 40


def test_an_empty_house_says_what_to_do(db: None) -> None:
    shipped.install()
    page = page_of(as_staff("admin"))
    assert "Choose a longer one to look further back." in page
    assert "run manage.py bootstrap" in page
