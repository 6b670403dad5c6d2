"""An admin drafts a policy, sees whom it would lock out, asks why, saves it and goes back."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from accounts.models import User
from accounts.tests.browsers import sign_in_browser
from accounts.tests.factories import UserFactory
from authz.admin.policy_text import text_of
from authz.models import DecisionRecord, Policy
from authz.recording import recorder
from authz.services import decisions
from authz.services.roles import grant_role
from authz.tests.factories import write_policy

DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
SELECTED = "box => box.value.slice(box.selectionStart, box.selectionEnd)"
MFA = {"attr": "context.acr", "eq": "mfa"}


def person(name: str) -> User:
    made: User = UserFactory.create(name=name)
    return made


def may_read(somebody: User, **context: Any) -> bool:
    subject = f"user:{somebody.public_id}"
    return decisions.check(
        subject=subject, action="report:read", resource="report:1", context=context
    ).allowed


@pytest.fixture
def asha(site: str, environment: Callable[..., None]) -> Iterator[User]:
    """She reads reports with a password alone; Ravi, who does so too, with a second factor. Both were recorded."""
    environment(public_url=site, decision_record_interval=3600, decision_record_allows=1.0)
    recorder.flush()  # what tests before this one left to be written down
    DecisionRecord.objects.all().delete()
    write_policy("everybody-reads-reports", actions=["report:read"], resources=["report:*"])
    asha = person("Asha Rao")
    assert may_read(asha, acr="pwd")
    assert may_read(person("Ravi Iyer"), acr="mfa")
    recorder.flush()
    yield asha
    recorder.flush()


@pytest.fixture
def admin(page: Page, site: str) -> User:
    """At the console, with two factors that were proved just now."""
    admin = person("Meera Nair")
    grant_role(user=admin, role="admin", granted_by=None, reason="a test")
    cookie = sign_in_browser(admin).cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": site}])
    return admin


def drafted() -> str:
    policy = Policy.objects.with_current().get(name="everybody-reads-reports")
    return text_of(policy.current.document | {"condition": MFA})


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_policy_is_drafted_tried_saved_and_taken_back(
    page: Page, site: str, asha: User, admin: User, size: ViewportSize
) -> None:
    page.set_viewport_size(size)
    page.goto("/console/authz/policy/")
    page.get_by_role("link", name="everybody-reads-reports").click()

    box, check = page.get_by_label("Policy, as JSON"), page.locator("#policy-check")
    box.fill(drafted().replace('"effect": "allow"', '"effect": "perhaps"'))
    expect(check).to_contain_text("Either allow or deny.")
    check.get_by_role("link", name="Line 3").click()
    assert '"effect": "perhaps"' in box.evaluate(SELECTED)
    box.fill(drafted())
    expect(check).to_contain_text("It compiles.")
    assert page.evaluate(FITS)

    page.get_by_role("button", name="Whom would it concern?").click()
    concerned = page.get_by_role("region", name="Whom it would concern")
    expect(concerned.get_by_role("link", name="Newly denied: 1")).to_be_visible()
    expect(concerned).to_contain_text("Asha Rao")
    expect(concerned).not_to_contain_text("Ravi Iyer")
    assert page.evaluate(FITS)

    trial = page.url
    concerned.get_by_role("link", name="Why?").click()
    answer = page.locator("#answer")
    expect(answer).to_contain_text("Denied")
    page.get_by_label("Proved by").select_option("mfa")
    page.get_by_role("button", name="Decide").click()
    expect(answer).to_contain_text("Allowed by everybody-reads-reports")
    page.get_by_label("Proved by").select_option("pwd")
    page.get_by_role("button", name="Decide").click()
    expect(answer).to_contain_text("The request's acr is pwd, and the policy wants mfa.")
    page.get_by_label("those in force now").check()
    page.get_by_role("button", name="Decide").click()
    expect(answer).to_contain_text("Allowed by everybody-reads-reports")
    assert page.evaluate(FITS)

    page.goto(trial)
    page.get_by_label("Reason").fill("Reports want a second factor")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("version 2 is in force.")).to_be_visible()
    assert not may_read(asha, acr="pwd")

    page.get_by_role("link", name="Go back to version 1").click()
    assert page.evaluate(FITS)
    page.get_by_label("Reason").fill("Too many people were locked out")
    page.get_by_role("button", name="Roll back").click()
    expect(page.get_by_text("says again what it said in version 1.")).to_be_visible()
    assert may_read(asha, acr="pwd")


def test_a_person_is_found_while_one_types(page: Page, site: str, asha: User, admin: User) -> None:
    page.goto("/console/authz/policy/simulator/")
    page.get_by_label("Who").press_sequentially("asha", delay=20)
    option = page.locator("#found-subject option")
    expect(option).to_have_text([f"Asha Rao, {asha.email}"])
    page.get_by_label("Who").fill(option.get_attribute("value") or "")
    page.get_by_label("Wants to do").fill("report:read")
    page.get_by_label("With").fill("report:1")
    page.get_by_role("button", name="Decide").click()
    expect(page.locator("#answer")).to_contain_text("Allowed by everybody-reads-reports")
    expect(page.locator("#answer").get_by_role("link", name="Asha Rao")).to_be_visible()
