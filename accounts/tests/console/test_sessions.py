"""The console's page of sessions."""

from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Session
from accounts.tests.conftest import SignIn, post
from accounts.tests.console.conftest import AtConsole
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.risk.signing_in import IPHONE, WINDOWS, log_in
from audit.models import AuthEvent
from config.tests.mmdb import IN_OSLO, IN_PUNE

SESSIONS = reverse("admin:accounts_session_changelist")
pytestmark = pytest.mark.django_db


def listed(browser: Client, **filters: str) -> str:
    return browser.get(SESSIONS, filters).content.decode()


def end(browser: Client, *rows: Session, **fields: str) -> str:
    body = {"action": "end", "_selected_action": [str(row.pk) for row in rows], **fields}
    return browser.post(SESSIONS, body, follow=True).content.decode()


def test_sessions_are_ended_with_a_reason_that_the_trail_keeps(
    at_console: AtConsole, sign_in: SignIn
) -> None:
    asha, ravi = sign_in(device_name="Pixel 9"), sign_in(device_name="Laptop")
    browser = at_console("admin")
    assert "Pixel 9" in listed(browser, state="live")
    session = Session.objects.with_public_id(asha.tokens["session_id"]).get()
    assert "A reason is needed" in end(browser, session, reason=" ")
    assert asha.client.get("/v1/users/me").status_code == 200
    end(browser, session, reason="the phone was stolen")
    assert asha.client.get("/v1/users/me").status_code == 401
    assert ravi.client.get("/v1/users/me").status_code == 200
    assert "Pixel 9" not in listed(browser, state="live")
    assert "Pixel 9" in listed(browser, state="ended", end_reason="revoked")
    row = AuthEvent.objects.get(event_type="auth.logout")
    assert row.metadata["note"] == "the phone was stolen"
    assert (row.actor_type, row.client_id, row.subject_user_id) == (
        "user",
        "console",
        asha.user.public_id,
    )


def test_what_has_ended_already_is_said(at_console: AtConsole, sign_in: SignIn) -> None:
    asha = sign_in()
    post(asha.client, "/v1/auth/logout", {})
    session = Session.objects.with_public_id(asha.tokens["session_id"]).get()
    assert "It has ended already." in end(at_console("admin"), session, reason="late")


def test_the_list_says_when_and_why_one_ended_in_one_column(
    at_console: AtConsole, sign_in: SignIn
) -> None:
    asha = sign_in()
    post(asha.client, "/v1/auth/logout", {})
    session = Session.objects.with_public_id(asha.tokens["session_id"]).get()
    page = listed(at_console("support"), state="ended")
    assert f"{session.ended_at:%Y-%m-%d %H:%M}, {session.get_end_reason_display()}" in page
    assert 'data-label="end reason"' not in page


def test_whoever_only_reads_cannot_end_a_session(at_console: AtConsole, sign_in: SignIn) -> None:
    asha = sign_in()
    session = Session.objects.with_public_id(asha.tokens["session_id"]).get()
    end(at_console("compliance"), session, reason="no right")
    assert asha.client.get("/v1/users/me").status_code == 200


@pytest.mark.usefixtures("ready", "mapped")
def test_the_list_tells_device_place_and_risk_and_is_filtered_by_it(at_console: AtConsole) -> None:
    asha = UserFactory.create(email="asha@example.com", password=PASSWORD)
    log_in(asha, ip=IN_PUNE, on=WINDOWS)
    Session.objects.update(ip=None)  # so that nobody travelled
    log_in(asha, ip=IN_OSLO, on=IPHONE)
    browser = at_console("support")
    whole = listed(browser)
    assert "Chrome on Windows" in whole
    assert f"Oslo ({IN_OSLO})" in whole
    assert "medium (55)" in whole
    for level, chrome, safari in (
        ("low", True, False),
        ("medium", False, True),
        ("high", False, False),
    ):
        page = listed(browser, risk=level)
        assert ("Chrome on Windows" in page, "Mobile Safari on iOS" in page) == (chrome, safari)
    risky = Session.objects.get(risk_score=55)
    page = browser.get(reverse("admin:accounts_session_change", args=[risky.pk])).content.decode()
    assert "It is a country that you have not signed in from before." in page


def test_without_a_map_the_list_says_so(at_console: AtConsole) -> None:
    assert "GEOIP_PATH" in listed(at_console("support"))


def test_with_a_map_it_says_nothing(at_console: AtConsole, mapped: Path) -> None:
    assert "GEOIP_PATH" not in listed(at_console("support"))


def test_the_list_costs_the_same_however_long(at_console: AtConsole, sign_in: SignIn) -> None:
    browser = at_console("support")

    def cost() -> int:
        listed(browser)
        with CaptureQueriesContext(connection) as captured:
            listed(browser)
        return len(captured)

    sign_in()
    few = cost()
    for _ in range(3):
        sign_in()
    assert cost() == few


def test_sessions_are_found_by_whose_they_are_and_by_a_whole_address(
    at_console: AtConsole, sign_in: SignIn
) -> None:
    asha, ravi = sign_in(device_name="Pixel 9"), sign_in(device_name="Laptop")
    Session.objects.filter(user=asha.user).update(ip="192.0.2.7")
    Session.objects.filter(user=ravi.user).update(ip="192.0.2.77")
    browser = at_console("support")
    for term in (asha.user.email.upper(), asha.user.public_id, "192.0.2.7", "::ffff:192.0.2.7"):
        page = listed(browser, q=term)
        assert "Pixel 9" in page, term
        assert "Laptop" not in page, term
    nobody = listed(browser, q="nobody-of-this-name")
    assert "Pixel 9" not in nobody
    assert "Laptop" not in nobody
