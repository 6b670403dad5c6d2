"""A day at support, with nothing but a keyboard: somebody calls whose phone was stolen and who cannot trade."""

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Session, User
from accounts.models.session import SignInMethod
from accounts.services import sessions
from accounts.services.sessions import Device
from accounts.tests.browsers import sign_in_browser
from accounts.tests.factories import UserFactory
from audit.models import AuthEvent
from authz.services.roles import grant_role
from config.http.context import RequestContext, acting
from trading.models import AccountStatus
from trading.tests.factories import active_account

MOST_TABS = 200
# What has the focus, as a person would call it: without the icons, whose names are texts too.
FOCUSED = """() => {
  const at = document.activeElement.cloneNode(true);
  at.querySelectorAll(".material-symbols-outlined").forEach(icon => icon.remove());
  const label = document.activeElement.labels?.[0]?.textContent;
  const name = at.name === "q" ? "the list's search" : at.getAttribute("aria-label") || label || at.textContent;
  return (name || "").trim();
}"""


@pytest.fixture
def asha(site: str) -> User:
    """Signed in on two devices; her login at the broker ended yesterday."""
    user: User = UserFactory.create(
        name="Asha Rao", email="asha@example.com", phone="+919876543210"
    )
    for number in range(3):
        UserFactory.create(phone=f"+91981112223{number}")
    with acting(RequestContext()):
        for name in ("Laptop", "Stolen phone"):
            sessions.begin(
                user=user, method=SignInMethod.PASSWORD, amr=("pwd",), device=Device(name=name)
            )
    account = active_account(owner=user, nickname="Long term")
    account.status = AccountStatus.REAUTH_REQUIRED
    account.reauth_by = None
    account.save()
    return user


@pytest.fixture
def staff(site: str, page: Page) -> User:
    person: User = UserFactory.create(email="support@example.com")
    grant_role(user=person, role="support", granted_by=None, reason="test")
    cookie = sign_in_browser(person).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": site}])
    page.set_viewport_size({"width": 1280, "height": 800})
    return person


def tab_to(page: Page, name: str) -> None:
    """Press the tabulator until what has the focus is called so, as a person would who cannot use a mouse."""
    seen = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        seen.append(str(page.evaluate(FOCUSED)))
        if seen[-1].startswith(name):
            return
    pytest.fail(f"{name!r} is not reached with the tabulator: {seen}")


def test_somebody_is_found_understood_and_helped(page: Page, asha: User, staff: User) -> None:
    page.goto("/console/")
    tab_to(page, "People")
    page.keyboard.press("Enter")
    expect(page.get_by_text("asha@example.com")).to_be_visible()

    tab_to(page, "the list's search")
    page.keyboard.type("98765 43")
    page.keyboard.press("Enter")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    tab_to(page, "asha@example.com")
    page.keyboard.press("Enter")

    accounts = page.get_by_role("region", name="Broker accounts")
    expect(accounts).to_contain_text("Cannot trade: the login at the broker is over since")
    expect(accounts).to_contain_text("The person has to log in there again.")
    devices = page.get_by_role("region", name="Sessions")
    expect(devices).to_contain_text("Stolen phone")

    tab_to(page, "End: Stolen phone")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Reason")).to_be_visible()
    tab_to(page, "Reason")
    page.keyboard.type("She called: the phone was stolen")
    tab_to(page, "End the session")
    page.keyboard.press("Enter")

    expect(devices).not_to_contain_text("Stolen phone")
    expect(devices).to_contain_text("Laptop")
    timeline = page.get_by_role("region", name="Timeline")
    expect(timeline).to_contain_text("Reason: She called: the phone was stolen")
    live = Session.objects.live().for_user(asha.pk)
    assert [session.device_name for session in live] == ["Laptop"]
    ended = AuthEvent.objects.get(event_type="auth.logout", subject_user_id=asha.public_id)
    assert ended.actor_id == staff.public_id
    looked = AuthEvent.objects.filter(
        event_type="console.viewed", subject_user_id=asha.public_id, actor_id=staff.public_id
    )
    assert looked.count() == 1
