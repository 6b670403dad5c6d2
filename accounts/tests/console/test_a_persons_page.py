"""A person's page as one story, what may be done from it, and who sees which part."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Session, User
from accounts.models.session import SignInMethod
from accounts.models.user import UserStatus
from accounts.services import erasure, sessions
from accounts.services.sessions import Device
from accounts.tests.conftest import SignIn
from accounts.tests.console.conftest import AtConsole
from accounts.tests.factories import UserFactory
from audit.models import AuthEvent
from audit.tests.factories import AuthEventFactory
from authz.services.roles import grant_role
from mfa.tests.factories import a_passkey
from trading.tests.factories import MembershipFactory, TradingAccountFactory, active_account

pytestmark = pytest.mark.django_db
PANELS = (
    "State",
    "Second factors",
    "Broker accounts",
    "Sessions",
    "API keys",
    "Roles",
    "Decisions",
    "Privacy",
    "Sharing",
    "Timeline",
)


def path_of(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


def page_of(browser: Client, user: User) -> str:
    return browser.get(path_of(user)).content.decode()


def panels_on(page: str) -> list[str]:
    return [name for name in PANELS if f'aria-label="{name}"' in page]


def do(browser: Client, user: User, what: str, **fields: str) -> Any:
    path = reverse(f"admin:accounts_user_{what}_of", args=[user.pk])
    return browser.post(path, fields, follow=True) if fields else browser.get(path)


def begin(user: User, name: str) -> Session:
    session: Session = sessions.begin(
        user=user, method=SignInMethod.PASSWORD, amr=("pwd",), device=Device(name=name)
    )
    return session


def test_a_page_tells_the_whole_story(at_console: AtConsole) -> None:
    asha: User = UserFactory.create(name="Asha Rao")
    begin(asha, "Asha's laptop")
    a_passkey(asha)
    until = timezone.now() + timedelta(days=3)
    grant_role(user=asha, role="trader", granted_by=None, reason="trades", expires_at=until)
    account = active_account(owner=asha, nickname="Long term")
    MembershipFactory.create(account=account, user=UserFactory.create(email="ravi@example.com"))
    browser = at_console("admin")
    do(browser, asha, "suspend", reason="looks stolen")
    page = page_of(browser, asha)
    assert panels_on(page) == list(PANELS)
    for told in (
        "Suspended since",
        "looks stolen",
        "passkey ",
        "trades",
        f"{until:%Y-%m-%d %H:%M}",
        "Long term (Kite)",
        "Cannot trade: the person&#x27;s own account here is suspended.",
        "ravi@example.com",
        "The account was suspended. Reason: looks stolen",
        "A session ended: suspended.",
        "Not signed in anywhere.",
        "No open request, and nothing is held.",
        "No program acts in their name.",
        "Nothing was decided about them lately, or it was not recorded.",
    ):
        assert told in page, told


def test_what_is_asked_about_the_persons_data_is_told(at_console: AtConsole) -> None:
    asha: User = UserFactory.create()
    erasure.ask(user=asha, by="system", reason="wrote to us")
    page = page_of(at_console("compliance"), asha)
    assert "/console/privacy/privacyrequest/" in page
    assert "A request about the person&#x27;s data was made: erasure." in page


def test_who_may_not_see_a_list_does_not_see_its_panel(at_console: AtConsole) -> None:
    from authz.models import Role

    browser = at_console("support")
    role = Role.objects.get(name="support")
    role.scopes = ["console:access", "users:read"]
    role.save()
    page = page_of(browser, UserFactory.create())
    assert panels_on(page) == ["State", "Second factors", "Sessions", "API keys", "Roles"]


def test_whoever_only_reads_is_offered_nothing_but_to_try_decisions(at_console: AtConsole) -> None:
    asha: User = UserFactory.create()
    begin(asha, "Laptop")
    page = page_of(at_console("compliance"), asha)
    assert "Laptop" in page
    assert re.findall(r'class="panel-deed" href="([^"?]+)', page) == [
        "/console/authz/policy/simulator/"
    ]
    for what in ("suspend", "end_sessions", "export", "reset_factors"):
        assert do(at_console("compliance"), asha, what).status_code == 403


def test_the_buttons_are_those_that_lead_somewhere(at_console: AtConsole) -> None:
    asha: User = UserFactory.create(status=UserStatus.SUSPENDED)
    page = page_of(at_console("admin"), asha)
    assert "/reactivate" in page
    assert "/require-password" not in page


def test_a_reason_is_asked_and_kept_and_the_way_leads_back(at_console: AtConsole) -> None:
    asha: User = UserFactory.create()
    browser = at_console("support")
    assert "Reason" in do(browser, asha, "suspend").content.decode()
    assert "A reason is needed." in do(browser, asha, "suspend", reason=" ").content.decode()
    answer = do(browser, asha, "suspend", reason="court order")
    assert answer.redirect_chain[-1][0] == path_of(asha)
    asha.refresh_from_db()
    assert (asha.status, asha.status_reason) == (UserStatus.SUSPENDED, "court order")


def test_somebody_with_more_rights_is_out_of_reach(at_console: AtConsole) -> None:
    chief: User = UserFactory.create()
    grant_role(user=chief, role="admin", granted_by=None, reason="test")
    live = begin(chief, "Desk")
    browser = at_console("support")
    for what in ("suspend", "end_sessions", "require_password"):
        page = do(browser, chief, what, reason="coup").content.decode()
        assert "rights that you do not" in page
    live.refresh_from_db()
    assert live.ended_at is None


def test_one_session_is_ended_and_the_others_go_on(at_console: AtConsole, sign_in: SignIn) -> None:
    stolen, kept = sign_in(device_name="Stolen phone"), None
    kept = sign_in(stolen.user, device_name="Laptop")
    session = Session.objects.with_public_id(stolen.tokens["session_id"]).get()
    browser = at_console("support")
    path = reverse("admin:accounts_session_end_this", args=[session.pk])
    assert path in page_of(browser, stolen.user)
    assert "Reason" in browser.get(path).content.decode()
    answer = browser.post(path, {"reason": "stolen"}, follow=True)
    assert answer.redirect_chain[-1][0] == path_of(stolen.user)
    assert stolen.client.get("/v1/users/me").status_code == 401
    assert kept.client.get("/v1/users/me").status_code == 200
    assert "Stolen phone" not in page_of(browser, stolen.user)


def test_staff_who_look_do_not_push_the_story_off_the_page(at_console: AtConsole) -> None:
    asha: User = UserFactory.create()
    AuthEventFactory.create(subject_user_id=asha.public_id, event_type="account.created")
    for _ in range(60):
        AuthEventFactory.create(subject_user_id=asha.public_id, event_type="console.viewed")
    page = page_of(at_console("support"), asha)
    assert page.count("The account was made.") == 2  # of its state, and in the timeline
    assert "Staff looked at" not in page


def test_the_page_costs_the_same_however_much_there_is(at_console: AtConsole) -> None:
    asha: User = UserFactory.create()
    browser = at_console("admin")

    def more() -> None:
        begin(asha, "Laptop")
        a_passkey(asha)
        other = UserFactory.create()
        MembershipFactory.create(account=active_account(owner=asha), user=other)
        MembershipFactory.create(account=TradingAccountFactory.create(owner=other), user=asha)
        for _ in range(4):
            AuthEventFactory.create(
                subject_user_id=asha.public_id, actor_type="user", actor_id=other.public_id
            )

    def cost() -> int:
        page_of(browser, asha)
        with CaptureQueriesContext(connection) as captured:
            page_of(browser, asha)
        return len(captured)

    more()
    grant_role(user=asha, role="trader", granted_by=None, reason="test")
    few = cost()
    for _ in range(3):
        more()
    assert cost() == few
    assert few < 45


def test_a_page_of_nobody_leads_away(at_console: AtConsole) -> None:
    from uuid import uuid4

    browser = at_console("support")
    for key in (uuid4(), "nobody"):
        assert browser.get(reverse("admin:accounts_user_change", args=[key])).status_code == 302


def test_the_trail_says_who_ended_all_sessions_and_why(at_console: AtConsole) -> None:
    asha: User = UserFactory.create()
    begin(asha, "Laptop")
    do(at_console("support"), asha, "end_sessions", reason="asked by phone")
    row = AuthEvent.objects.get(event_type="auth.logout", subject_user_id=asha.public_id)
    assert row.metadata["note"] == "asked by phone"
    assert row.actor_id != asha.public_id
