"""Whom a draft would concern, before anybody saves it."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AuthEvent
from authz.models import DraftEffect, Policy, PolicyDraft
from authz.services import decisions, drafts, policies, policy_cases
from authz.tasks import try_policy_draft
from authz.tests.admin.conftest import SignIn, queries_of, text_of
from authz.tests.admin.test_policy_editor import CASE, OPEN
from authz.tests.factories import make_person, write_policy
from config.jobs.models import Job, JobState

pytestmark = pytest.mark.django_db

ADD = reverse("admin:authz_policy_add")
DRAFTS = reverse("admin:authz_policydraft_changelist")
MFA = {"attr": "context.acr", "eq": "mfa"}


def in_one_line(answer: Any) -> str:
    return " ".join(text_of(answer).split())


def editor(policy: Policy) -> str:
    return reverse("admin:authz_policy_change", args=[policy.pk])


def trial(draft: PolicyDraft) -> str:
    return reverse("admin:authz_policydraft_change", args=[draft.pk])


def try_out(browser: Client, policy: Policy, document: Any) -> Any:
    body = {"document": json.dumps(document), "seen": policy.current.number, "_try": ""}
    return browser.post(editor(policy), body, follow=True)


def ask(subject: str, **context: Any) -> None:
    decisions.check(subject=subject, action="read", resource="planet:x", context=context)


def test_who_would_be_locked_out_is_told_by_name(console: SignIn, records: Any) -> None:
    asha, ravi = make_person(name="Asha Rao"), make_person(name="Ravi Iyer")
    policy, browser = write_policy("open"), console()
    ask(f"user:{asha.public_id}")
    ask(f"user:{asha.public_id}")
    ask(f"user:{ravi.public_id}", acr="mfa")
    (record, *_) = records()
    shown = try_out(browser, policy, OPEN | {"condition": MFA})
    told = in_one_line(shown)
    assert "Newly denied: 1" in told
    assert "Newly allowed: 0" in told
    assert "Asha Rao" in told
    assert "Ravi Iyer" not in told
    (effect,) = shown.context["effects"]
    assert (effect.number, len(effect.examples)) == (2, 2)
    assert effect.examples[1].record.endswith(f"{record.pk}/change/")
    why = browser.get(effect.examples[0].why)
    assert (why.context["allowed"], why.context["with_draft"]) == (False, True)
    assert decisions.check(subject="user:usr_1", action="read", resource="planet:x").allowed


def test_who_would_be_let_in_is_told_too(console: SignIn, records: Any) -> None:
    browser = console()
    ask("user:usr_1")
    records()
    body = {"document": json.dumps(OPEN), "_try": ""}
    shown = browser.post(ADD, body, follow=True)
    assert shown.context["show"] == "allowed"
    assert [effect.subject.text for effect in shown.context["effects"]] == ["user:usr_1"]
    assert "Nobody, as far as was recorded." in in_one_line(
        browser.get(trial(PolicyDraft.objects.get()), {"show": "denied"})
    )


def test_the_trail_says_who_looked(console: SignIn, records: Any) -> None:
    policy = write_policy("open")
    try_out(console(), policy, OPEN | {"condition": MFA})
    row = AuthEvent.objects.get(event_type="authz.policy.tried")
    assert row.metadata["policy"] == "open"


def test_many_decisions_are_the_work_of_a_job(
    console: SignIn, records: Any, environment: Any
) -> None:
    environment(policy_trial_at_once=0, decision_record_interval=3600, decision_record_allows=1.0)
    policy, browser = write_policy("open"), console()
    ask("user:usr_1")
    records()
    shown = try_out(browser, policy, OPEN | {"condition": MFA})
    assert shown.context["unfinished"]
    assert "0 of about 1 decisions looked at." in in_one_line(shown)
    browser.post(trial(shown.context["draft"]))  # while one is at it there is no second
    draft, job = PolicyDraft.objects.get(), Job.objects.get()
    arguments = {"job_id": job.public_id, "draft_id": draft.public_id}
    try_policy_draft.apply(kwargs=arguments).get()
    job.refresh_from_db()
    assert job.state == JobState.SUCCEEDED
    assert job.result
    assert job.result["newly_denied"] == 1
    assert "Newly denied: 1" in in_one_line(browser.get(trial(draft)))


def test_a_job_that_failed_says_so_and_is_tried_again(
    console: SignIn, records: Any, environment: Any
) -> None:
    environment(policy_trial_at_once=0, decision_record_interval=3600, decision_record_allows=1.0)
    policy, browser = write_policy("open"), console()
    ask("user:usr_1")
    records()
    try_out(browser, policy, OPEN | {"condition": MFA})
    draft, job = PolicyDraft.objects.get(), Job.objects.get()
    policies.delete(policy_id=policy.pk, by="system", reason="meanwhile")
    try_policy_draft.apply(kwargs={"job_id": job.public_id, "draft_id": draft.public_id}).get()
    assert "No such policy" in in_one_line(browser.get(trial(draft)))
    again = browser.post(trial(draft), follow=True)
    assert "No such policy" in in_one_line(again)


def test_what_is_not_looked_at_is_told(console: SignIn, records: Any, environment: Any) -> None:
    environment(policy_trial_limit=1, decision_record_interval=3600, decision_record_allows=1.0)
    policy, browser = write_policy("open"), console()
    ask("user:usr_1")
    ask("user:usr_2")
    records()
    environment(policy_trial_limit=1, decision_record_interval=3600, decision_record_allows=0.05)
    told = in_one_line(try_out(browser, policy, OPEN | {"condition": MFA}))
    assert "There are older ones, which were not looked at." in told
    assert "of what was allowed 5%" in told


def test_a_draft_is_saved_from_there_with_a_reason(console: SignIn, records: Any) -> None:
    policy, browser = write_policy("open"), console()
    shown = try_out(browser, policy, OPEN | {"condition": MFA})
    draft = shown.context["draft"]
    body = {"document": shown.context["text"], "seen": draft.based_on, "_save": ""}
    assert "This field is required." in in_one_line(browser.post(shown.context["editor"], body))
    browser.post(shown.context["editor"], body | {"reason": "a second factor"})
    now = Policy.objects.with_current().get()
    assert (now.current.number, now.current.document["condition"]) == (2, MFA)


def test_the_cases_that_it_would_break_stand_there(console: SignIn, records: Any) -> None:
    policy, browser = write_policy("open"), console()
    policy_cases.add(policy_id=policy.pk, case=CASE, by="system", reason="a test")
    told = in_one_line(try_out(browser, policy, OPEN | {"condition": MFA}))
    assert "open/anybody-reads" in told
    assert 'name="break_cases"' in told


def test_what_does_not_compile_is_not_tried(console: SignIn) -> None:
    policy = write_policy("open")
    told = in_one_line(try_out(console(), policy, OPEN | {"effect": "maybe"}))
    assert "Either allow or deny." in told
    assert not PolicyDraft.objects.exists()


def test_many_people_are_paged_at_the_cost_of_one(console: SignIn) -> None:
    browser = console()
    draft = drafts.keep(document=OPEN, policy=None, based_on=None, by="system")
    browser.post(trial(draft))
    few, many = 1, 30
    people = [f"user:{make_person().public_id}" for _ in range(many)]

    def concern(number: int) -> None:
        draft.effects.all().delete()
        DraftEffect.objects.bulk_create(
            DraftEffect(draft=draft, subject=one, newly_denied=1) for one in people[:number]
        )
        PolicyDraft.objects.update(found=(draft.found or {}) | {"newly_denied": number})

    draft.refresh_from_db()
    concern(few)
    one = queries_of(browser, trial(draft))
    concern(many)
    assert queries_of(browser, trial(draft)) == one
    first, second = (browser.get(trial(draft), {"page": number}) for number in (1, 2))
    assert (len(first.context["effects"]), len(second.context["effects"])) == (25, 5)


@pytest.mark.parametrize("role", ["support", "compliance"])
def test_drafts_are_for_those_who_may_write(role: str, console: SignIn) -> None:
    browser = console(role)
    draft = drafts.keep(document=OPEN, policy=None, based_on=None, by="system")
    assert browser.get(DRAFTS).status_code == 403
    assert browser.get(trial(draft)).status_code == 403
    assert browser.post(trial(draft)).status_code == 403
    assert not AuthEvent.objects.filter(event_type="authz.policy.tried").exists()


def test_the_list_of_drafts_costs_the_same_however_long(console: SignIn) -> None:
    browser, policy = console(), write_policy("open")
    drafts.keep(document=OPEN, policy=policy, based_on=1, by="system")
    one = queries_of(browser, DRAFTS)
    for _ in range(5):
        drafts.keep(document=OPEN, policy=policy, based_on=1, by="system")
    assert queries_of(browser, DRAFTS) == one


def test_the_list_of_drafts_names_their_authors(console: SignIn) -> None:
    browser, author = console(), make_person(name="Asha Rao")
    drafts.keep(document=OPEN, policy=None, based_on=None, by=f"user:{author.public_id}")
    told = text_of(browser.get(DRAFTS))
    assert author.email in told
    assert author.public_id not in told
