"""The console's pages of cases and of recorded decisions."""

import json
from typing import Any

import pytest

from authz.models import Policy, PolicyCase
from authz.services import decisions, policies
from authz.tests.admin.conftest import SignIn, queries_of, text_of
from authz.tests.factories import make_person, write_policy

pytestmark = pytest.mark.django_db

CASES, POLICIES = "/console/authz/policycase/", "/console/authz/policy/"
DECISIONS = "/console/authz/decisionrecord/"

CASE = {
    "name": "anybody-reads",
    "given": {"subject": "user:usr_1", "action": "read", "resource": "planet:x"},
    "expect": "allow",
}


def add(browser: Any, policy: Policy, case: Any = CASE) -> Any:
    body = {"policy": str(policy.pk), "case": json.dumps(case), "reason": "a test"}
    return browser.post(f"{CASES}add/", body, follow=True)


def test_staff_keep_a_case_and_give_it_up(console: SignIn) -> None:
    browser, policy = console(), write_policy("open")
    add(browser, policy)
    case = PolicyCase.objects.get()
    assert (case.name, case.reason) == ("anybody-reads", "a test")
    assert case.created_by.startswith("user:usr_")
    assert "planet:x" in text_of(browser.get(f"{CASES}{case.pk}/change/"))
    body = {"action": "remove", "_selected_action": str(case.pk), "reason": "over"}
    browser.post(CASES, body, follow=True)
    assert not PolicyCase.objects.exists()


def test_a_case_that_does_not_hold_is_refused_in_words(console: SignIn) -> None:
    page = add(console(), write_policy("open"), CASE | {"expect": "deny"})
    assert "the answer is allow by open" in text_of(page)
    assert not PolicyCase.objects.exists()


def test_a_malformed_case_is_told_where(console: SignIn) -> None:
    page = add(console(), write_policy("open"), CASE | {"expect": "maybe"})
    assert "expect: Either allow or deny." in text_of(page)


def test_a_policy_that_breaks_a_case_needs_a_tick(console: SignIn) -> None:
    browser, policy = console(), write_policy("open")
    add(browser, policy)
    shut = json.dumps({**policy.current.document, "effect": "deny"})
    body = {"document": shut, "reason": "a test", "seen": "1"}
    page = browser.post(f"{POLICIES}{policy.pk}/change/", body, follow=True)
    assert "Expects allow; the answer is deny by open." in text_of(page)
    browser.post(f"{POLICIES}{policy.pk}/change/", body | {"break_cases": "on"}, follow=True)
    assert Policy.objects.with_current().get().current.number == 2


@pytest.mark.parametrize(("role", "may"), [("support", False), ("compliance", False)])
def test_who_may_not_write_policies_only_looks(console: SignIn, role: str, may: bool) -> None:
    browser = console(role)
    assert browser.get(CASES).status_code == 200
    assert (browser.get(f"{CASES}add/").status_code == 200) is may


def decide(subject: str = "user:usr_1") -> None:
    decisions.check(subject=subject, action="read", resource="planet:x", context={"ip": "::1"})


def test_decisions_are_looked_at_and_found(console: SignIn, records: Any) -> None:
    browser = console("support")
    write_policy("open", actions=["read"])
    decide()
    decide("user:usr_2")
    newest = records()[-1]
    assert text_of(browser.get(DECISIONS)).count("planet:x") >= 2
    terms = [("user:usr_1", 1), ("planet:x", 2), ("read", 2), ("user:usr_9", 0), ("open", 2)]
    for term, found in terms:
        page = browser.get(DECISIONS, {"q": term})
        assert page.context["cl"].result_count == found, term
    shown = text_of(browser.get(f"{DECISIONS}{newest.pk}/change/"))
    assert "user:usr_2" in shown
    assert "::1" in shown


def test_a_decision_is_told_with_names_and_reasons(console: SignIn, records: Any) -> None:
    asha = make_person(name="Asha Rao")
    policy = write_policy("adults-read", condition={"attr": "context.age", "gte": 18})
    decisions.check(
        subject=f"user:{asha.public_id}", action="read", resource="planet:x", context={"age": 17}
    )
    (record,) = records()
    browser = console("support")
    assert "Asha Rao" in text_of(browser.get(DECISIONS))
    page = f"{DECISIONS}{record.pk}/change/"
    shown = " ".join(text_of(browser.get(page)).split())
    assert "Asha Rao" in shown
    assert "No policy allowed it." in shown
    assert "The request&#x27;s age is 17, and the policy wants at least 18." in shown
    easier = {**policy.current.document, "condition": {"attr": "context.age", "gte": 16}}
    policies.update(policy_id=policy.pk, document=easier, by="system", reason="a test")
    later = " ".join(text_of(browser.get(page)).split())
    assert "By the policies of now, from what was known then" in later
    assert "That is another answer than the one that was given." in later
    assert browser.post(page, {"allowed": "on"}).status_code == 403


def test_ten_decisions_cost_the_queries_of_one(console: SignIn, records: Any) -> None:
    browser = console("support")
    decide()
    records()
    one = queries_of(browser, DECISIONS)
    for _ in range(9):
        decide()
    records()
    assert queries_of(browser, DECISIONS) == one
