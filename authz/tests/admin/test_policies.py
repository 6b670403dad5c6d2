"""Policies in the console: an editor that refuses what does not compile, history, and who may."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from authz.models import Policy
from authz.services import policies
from authz.tests.admin.conftest import SignIn, queries_of, text_of
from authz.tests.factories import write_policy

pytestmark = pytest.mark.django_db

LIST, ADD = reverse("admin:authz_policy_changelist"), reverse("admin:authz_policy_add")
OPEN = {
    "name": "open",
    "effect": "allow",
    "subjects": ["user:*"],
    "actions": ["*"],
    "resources": ["*"],
}


def page(policy: Policy) -> str:
    return reverse("admin:authz_policy_change", args=[policy.pk])


def save(browser: Client, address: str, document: Any, **fields: Any) -> Any:
    text = document if isinstance(document, str) else json.dumps(document)
    body = {"document": text, "reason": "a test", "seen": 1}
    return browser.post(address, body | fields, follow=True)


def test_a_policy_is_written(console: SignIn) -> None:
    save(console(), ADD, OPEN)
    policy = Policy.objects.get()
    assert (policy.name, policy.current.number, policy.current.reason) == ("open", 1, "a test")
    assert policy.current.created_by.startswith("user:usr_")


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({**OPEN, "effect": "maybe"}, "<code>effect</code>: Either allow or deny."),
        (
            {**OPEN, "condition": {"all": [{"attr": "a", "eq": 1}]}},
            "<code>condition.all.0.attr</code>:",
        ),
        ("{", "This is not JSON at column 2"),
        ('{"name": "a", "name": "b"}', "names a key twice"),
        ("[]", "A policy is a JSON object."),
        ("", "required"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(console: SignIn, document: Any, told: str) -> None:
    assert told in " ".join(text_of(save(console(), ADD, document)).split())
    assert not Policy.objects.exists()


def test_a_reason_must_be_given(console: SignIn) -> None:
    save(console(), ADD, OPEN, reason="")
    assert not Policy.objects.exists()


def test_a_name_that_is_taken_is_told(console: SignIn) -> None:
    write_policy("open")
    assert "Another policy has this name." in text_of(save(console(), ADD, OPEN))


def test_an_edit_is_another_version(console: SignIn) -> None:
    policy, browser = write_policy("open"), console()
    shown = text_of(browser.get(page(policy)))
    assert "&quot;effect&quot;: &quot;allow&quot;" in shown
    save(browser, page(policy), {**OPEN, "effect": "deny"}, reason="shut it")
    policy.refresh_from_db()
    assert (policy.current.number, policy.current.document["effect"]) == (2, "deny")
    assert "shut it" in text_of(browser.get(page(policy)))


def test_an_edit_of_what_somebody_else_changed_meanwhile_is_refused(console: SignIn) -> None:
    policy = write_policy("open")
    policies.update(policy_id=policy.pk, document=OPEN, by="system", reason="meanwhile")
    answer = save(console(), page(policy), {**OPEN, "effect": "deny"}, seen=1)
    assert "Somebody changed the policy since you opened it" in text_of(answer)
    assert "&quot;deny&quot;" in text_of(answer)  # what was typed is still there
    policy.refresh_from_db()
    assert policy.current.document["effect"] == "allow"


def test_nor_does_an_edit_overtake_one_at_the_very_same_moment(
    console: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = write_policy("open")
    really_update = policies.update

    def be_overtaken(**changes: Any) -> Policy:
        monkeypatch.setattr(policies, "update", really_update)
        policies.update(policy_id=policy.pk, document=OPEN, by="system", reason="just before")
        return policies.update(**changes)

    monkeypatch.setattr(policies, "update", be_overtaken)
    answer = save(console(), page(policy), {**OPEN, "effect": "deny"}, seen=1)
    assert "Somebody changed the policy since you opened it" in text_of(answer)
    policy.refresh_from_db()
    assert policy.current.document["effect"] == "allow"


def take_out(browser: Client, policy: Policy, **fields: str) -> Any:
    body = {"action": "take_out_of_force", "_selected_action": str(policy.pk)}
    return browser.post(LIST, body | fields, follow=True)


def test_a_policy_is_taken_out_of_force_with_a_reason(console: SignIn) -> None:
    policy, browser = write_policy("open"), console()
    asked = take_out(browser, policy)
    assert "Reason" in text_of(asked)
    assert "A reason is needed." in text_of(take_out(browser, policy, reason=" "))
    assert Policy.objects.live().exists()
    assert "open: done." in text_of(take_out(browser, policy, reason="not needed"))
    assert not Policy.objects.live().exists()
    assert browser.get(LIST).context["cl"].result_count == 0


def test_who_may_only_read_sees_and_changes_nothing(console: SignIn) -> None:
    policy, browser = write_policy("open"), console("compliance")
    assert "open" in text_of(browser.get(LIST))
    shown = text_of(browser.get(page(policy)))
    assert "<textarea" not in shown
    assert "allow" in shown
    assert browser.get(ADD).status_code == 403
    assert save(browser, page(policy), {**OPEN, "effect": "deny"}).status_code == 403
    take_out(browser, policy, reason="mine")
    assert Policy.objects.live().get().current.number == 1


def test_who_has_no_business_there_stays_outside(console: SignIn) -> None:
    policy = write_policy("open")
    for address in (LIST, ADD, page(policy)):
        assert console("user").get(address).status_code == 302


def test_a_longer_list_costs_no_more(console: SignIn, django_assert_max_num_queries: Any) -> None:
    browser = console()
    write_policy("first")
    short = queries_of(browser, LIST)
    for number in range(10):
        write_policy(f"p{number}")
    with django_assert_max_num_queries(short):
        browser.get(LIST)
