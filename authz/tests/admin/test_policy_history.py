"""The history of a policy: what each version changed, and the way back."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Session
from authz.models import Policy
from authz.services import policies, policy_cases
from authz.tests.admin.conftest import SignIn, queries_of, text_of
from authz.tests.admin.test_policy_editor import CASE, OPEN
from authz.tests.factories import make_person, write_policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def policy() -> Policy:
    """One that allowed, and denies since its second version."""
    found = write_policy("open")
    shut = {**OPEN, "effect": "deny"}
    policies.update(policy_id=found.pk, document=shut, by="system", reason="shut it")
    return Policy.objects.with_current().get(pk=found.pk)


def history(policy: Policy) -> str:
    return reverse("admin:authz_policy_versions", args=[policy.pk])


def back(policy: Policy) -> str:
    return reverse("admin:authz_policy_roll_back", args=[policy.pk])


def roll_back(browser: Client, policy: Policy, **fields: Any) -> Any:
    body = {"to": 1, "seen": policy.current.number, "reason": "a mistake"}
    return browser.post(back(policy), body | fields, follow=True)


def test_the_newest_version_is_compared_with_the_one_before(
    console: SignIn, policy: Policy
) -> None:
    shown = console("compliance").get(history(policy))
    (one,) = shown.context["differences"]
    assert (one.path, one.before, one.after) == ("effect", "allow", "deny")
    kinds = {(line.kind, line.text.strip()) for line in shown.context["lines"]}
    assert ("removed", '"effect": "allow",') in kinds
    assert ("added", '"effect": "deny",') in kinds
    assert "shut it" in text_of(shown)


def test_any_two_are_compared(console: SignIn, policy: Policy) -> None:
    same = console("support").get(history(policy), {"version": "1", "compare": "1"})
    assert same.context["lines"] == []
    for wrong in ("9", "x", "-1", "99999999999999999999"):
        answer = console("support").get(history(policy), {"version": wrong})
        assert answer.status_code in {200, 404}, wrong


def test_authors_are_told_by_name(console: SignIn, policy: Policy) -> None:
    asha = make_person(name="Asha Rao")
    by = f"user:{asha.public_id}"
    policies.update(policy_id=policy.pk, document=OPEN, by=by, reason="open it")
    assert "Asha Rao" in text_of(console().get(history(policy)))


def test_a_longer_history_costs_no_more(console: SignIn, policy: Policy) -> None:
    browser = console()
    short = queries_of(browser, history(policy))
    for number in range(5):
        by = f"user:{make_person().public_id}"
        document = OPEN | {"priority": number}
        policies.update(policy_id=policy.pk, document=document, by=by, reason="x")
    assert queries_of(browser, history(policy)) <= short + 1  # the people among the authors


def test_rolling_back_is_a_new_version(console: SignIn, policy: Policy) -> None:
    browser = console()
    asked = browser.get(back(policy), {"to": "1"})
    assert [one.path for one in asked.context["differences"]] == ["effect"]
    roll_back(browser, policy)
    now = Policy.objects.with_current().get()
    assert (now.current.number, now.current.document["effect"]) == (3, "allow")
    assert now.current.reason == "a mistake"


def test_it_wants_a_reason(console: SignIn, policy: Policy) -> None:
    assert "This field is required." in text_of(roll_back(console(), policy, reason=" "))
    assert Policy.objects.with_current().get().current.number == 2


def test_it_wants_a_fresh_proof(console: SignIn, policy: Policy) -> None:
    browser = console()
    old = timezone.now() - timedelta(seconds=settings.ENVIRONMENT.step_up_max_age + 1)
    Session.objects.update(auth_time=old)
    for answer in (browser.get(back(policy)), browser.post(back(policy), {"to": 1, "seen": 2})):
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("prove-yourself"))
    assert Policy.objects.with_current().get().current.number == 2


def test_it_does_not_overtake_somebody(console: SignIn, policy: Policy) -> None:
    shown = roll_back(console(), policy, seen=1)
    assert "Somebody changed the policy since you opened it" in text_of(shown)
    assert Policy.objects.with_current().get().current.number == 2


def test_a_way_back_that_breaks_a_case_needs_a_tick(console: SignIn, policy: Policy) -> None:
    browser = console()
    denied = CASE | {"name": "nobody-reads", "expect": "deny"}
    policy_cases.add(policy_id=policy.pk, case=denied, by="system", reason="a test")
    asked = text_of(browser.get(back(policy)))
    assert "open/nobody-reads" in asked
    assert "the answer is allow by open" in text_of(roll_back(browser, policy))
    assert Policy.objects.with_current().get().current.number == 2
    roll_back(browser, policy, break_cases="on")
    assert Policy.objects.with_current().get().current.number == 3


def test_a_version_that_there_never_was_is_told(console: SignIn, policy: Policy) -> None:
    assert "The policy has no version 7." in text_of(roll_back(console(), policy, to=7)) or (
        roll_back(console(), policy, to=7).status_code == 404
    )
    assert Policy.objects.with_current().get().current.number == 2


def test_a_policy_of_one_version_has_nothing_to_go_back_to(console: SignIn) -> None:
    only = write_policy("open")
    shown = console().get(back(only), follow=True)
    assert "nothing to go back to" in text_of(shown)


@pytest.mark.parametrize("role", ["support", "compliance"])
def test_who_may_only_read_does_not_roll_back(role: str, console: SignIn, policy: Policy) -> None:
    browser = console(role)
    assert browser.get(back(policy)).status_code == 403
    assert roll_back(browser, policy).status_code == 403
    assert "roll-back" not in text_of(browser.get(history(policy)))
