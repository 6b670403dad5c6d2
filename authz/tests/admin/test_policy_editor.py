"""The policy editor: what is wrong is told while one types, and whoever proves themself first loses nothing."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Session
from authz.models import Policy, PolicyDraft
from authz.services import drafts, policy_cases, shipped
from authz.tests.admin.conftest import SignIn, text_of
from authz.tests.factories import write_policy

pytestmark = pytest.mark.django_db

ADD, CHECK = reverse("admin:authz_policy_add"), reverse("admin:authz_policy_check")
OPEN = {
    "name": "open",
    "effect": "allow",
    "subjects": ["user:*"],
    "actions": ["*"],
    "resources": ["*"],
}
CASE = {
    "name": "anybody-reads",
    "given": {"subject": "user:usr_1", "action": "read", "resource": "planet:x"},
    "expect": "allow",
}


def page(policy: Policy) -> str:
    return reverse("admin:authz_policy_change", args=[policy.pk])


def ask(browser: Client, text: Any, policy: Policy | None = None) -> str:
    document = text if isinstance(text, str) else json.dumps(text, indent=1)
    body = {"document": document, "policy": policy.pk if policy else ""}
    answer = browser.post(CHECK, body)
    assert answer.status_code == 200
    return " ".join(text_of(answer).split())


def let_the_proof_grow_old() -> None:
    old = timezone.now() - timedelta(seconds=settings.ENVIRONMENT.step_up_max_age + 1)
    Session.objects.update(auth_time=old)


def test_what_is_wrong_is_told_with_its_line(console: SignIn) -> None:
    flawed = {**OPEN, "condition": {"all": [{"attr": "context.acr", "eq": "mfa"}, {"attr": "x"}]}}
    told = ask(console(), flawed)
    assert 'data-line="19"' in told
    assert "condition.all.1" in told


def test_what_is_no_json_is_told_with_its_line(console: SignIn) -> None:
    assert 'data-line="2"' in ask(console(), '{"name": "x",\n "effect" "allow"}')


def test_a_good_one_compiles(console: SignIn) -> None:
    assert "It compiles." in ask(console(), OPEN)


def test_a_name_that_is_taken_and_a_policy_that_has_not_changed_are_told(console: SignIn) -> None:
    browser, policy = console(), write_policy("open")
    assert "Another policy has this name." in ask(browser, OPEN)
    assert "It says what is in force already." in ask(browser, OPEN, policy)


def test_the_cases_that_would_break_are_told(console: SignIn) -> None:
    browser, policy = console(), write_policy("open")
    policy_cases.add(policy_id=policy.pk, case=CASE, by="system", reason="a test")
    told = ask(browser, {**OPEN, "effect": "deny"}, policy)
    assert "One case would break" in told
    assert "open/anybody-reads" in told
    assert Policy.objects.with_current().get().current.number == 1


def test_who_may_not_write_checks_nothing(console: SignIn) -> None:
    assert console("compliance").post(CHECK, {"document": "{}"}).status_code == 403


def test_without_a_script_a_button_checks(console: SignIn) -> None:
    body = {"document": json.dumps({**OPEN, "effect": "maybe"}), "_check": ""}
    told = text_of(console().post(ADD, body))
    assert "effect" in told
    assert "Either allow or deny." in told
    assert "This field is required." not in told  # whoever only asks gives no reason
    assert not Policy.objects.exists()


def test_one_starts_from_an_example(console: SignIn) -> None:
    browser = console()
    shown = text_of(browser.get(ADD))
    assert "nobody-trades-outside-office-hours" in shown
    chosen = browser.get(ADD, {"template": "nobody-trades-outside-office-hours"})
    assert "between_times" in chosen.context["form"]["document"].value()


def test_saving_wants_a_fresh_proof_and_what_was_typed_waits(console: SignIn) -> None:
    browser, policy = console(), write_policy("open")
    let_the_proof_grow_old()
    typed = {"document": json.dumps({**OPEN, "effect": "deny"}), "reason": "shut it", "seen": "1"}
    answer = browser.post(page(policy), typed)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("prove-yourself"))
    assert Policy.objects.with_current().get().current.number == 1
    Session.objects.update(auth_time=timezone.now())
    draft = PolicyDraft.objects.get()
    back = browser.get(page(policy), {"draft": draft.public_id})
    assert draft.public_id in answer["Location"]
    assert '"effect": "deny"' in back.context["form"]["document"].value()
    assert back.context["form"]["reason"].value() == "shut it"


def test_so_does_taking_one_out_of_force(console: SignIn) -> None:
    browser, policy = console(), write_policy("open")
    let_the_proof_grow_old()
    body = {"action": "take_out_of_force", "_selected_action": str(policy.pk), "reason": "over"}
    browser.post(reverse("admin:authz_policy_changelist"), body)
    assert Policy.objects.live().exists()


def test_a_draft_is_not_shown_to_those_who_only_read(console: SignIn) -> None:
    policy = write_policy("open")
    secret = {**OPEN, "description": "planned"}
    draft = drafts.keep(document=secret, policy=policy, based_on=1, by="system")
    shown = text_of(console("compliance").get(page(policy), {"draft": draft.public_id}))
    assert "planned" not in shown


def test_a_draft_of_another_policy_is_not_taken(console: SignIn) -> None:
    policy, other = write_policy("open"), write_policy("other")
    draft = drafts.keep(document=OPEN | {"description": "x"}, policy=other, based_on=1, by="system")
    shown = console().get(page(policy), {"draft": draft.public_id})
    assert "description" not in shown.context["form"]["document"].value()


def test_drafts_are_forgotten_after_their_time(environment: Any) -> None:
    drafts.keep(document=OPEN, policy=None, based_on=None, by="system")
    assert drafts.forget_old() == 0
    environment(policy_draft_lifetime=0)
    assert drafts.forget_old() == 1


def test_the_cases_of_a_policy_stand_beside_it_with_their_answers(console: SignIn) -> None:
    browser, policy = console("compliance"), write_policy("open")
    policy_cases.add(policy_id=policy.pk, case=CASE, by="system", reason="a test")
    shown = " ".join(text_of(browser.get(page(policy))).split())
    assert "anybody-reads" in shown
    assert "Expects allow; the answer is allow by open." in shown
    assert "> holds <" in shown


def test_what_our_policies_say_of_themselves_is_in_the_readers_language(console: SignIn) -> None:
    shipped.install()
    browser = console("admin")
    browser.cookies["language"] = "hi"
    starts = text_of(browser.get(reverse("admin:authz_policy_add")))
    assert "भारत में कामकाज के समय के बाहर ऑर्डर मना होते हैं।" in starts
    assert "Orders are refused outside office hours in India." not in starts
    assert "<code" in starts
    assert "nobody-trades-outside-office-hours" in starts
    owners = Policy.objects.live().get(name="owners")
    page = text_of(browser.get(reverse("admin:authz_policy_change", args=[owners.pk])))
    assert "ट्रेडिंग खाते का मालिक उसके साथ सब कुछ कर सकता है।" in page
    own = write_policy("mine", description="<b>Mine</b>, as I wrote it: 100%")
    page = text_of(browser.get(reverse("admin:authz_policy_change", args=[own.pk])))
    assert "&lt;b&gt;Mine&lt;/b&gt;, as I wrote it: 100%" in page
