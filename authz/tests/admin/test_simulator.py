"""The simulator: a question of staff, answered with the reasons, by the policies in force or with a draft."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.services import service_clients
from authz.models import DecisionRecord, PolicyDraft
from authz.services import decisions, drafts
from authz.tests.admin.conftest import SignIn, queries_of, text_of
from authz.tests.factories import make_person, write_policy
from config.telemetry import planted_secrets

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:authz_policy_simulate")
SUGGEST = reverse("admin:authz_policy_suggest")
MFA = {"attr": "context.acr", "eq": "mfa"}
SHUT = {
    "name": "shut",
    "effect": "deny",
    "priority": 500,
    "subjects": ["user:*"],
    "actions": ["*"],
    "resources": ["*"],
}


def simulate(browser: Client, **fields: Any) -> Any:
    body = {"subject": "user:usr_1", "action": "read", "resource": "planet:x"}
    answer = browser.post(PAGE, body | fields)
    assert answer.status_code == 200
    return answer


def in_one_line(answer: Any) -> str:
    return " ".join(text_of(answer).split())


def test_it_answers_as_a_decision_does_and_says_why(console: SignIn) -> None:
    write_policy(
        "with-a-second-factor",
        condition={"all": [MFA, {"not": {"attr": "context.ip", "in_network": ["203.0.113.0/24"]}}]},
    )
    browser = console("support")
    denied = simulate(browser, context=json.dumps({"acr": "pwd"}))
    assert denied.context["allowed"] is False
    assert "The request&#x27;s acr is pwd, and the policy wants mfa." in in_one_line(denied)
    allowed = simulate(browser, acr="mfa", ip="192.0.2.1")
    assert allowed.context["allowed"] is True
    (policy,) = allowed.context["policies"]
    assert policy.decided
    assert policy.condition.outcome == "true"
    test, negated = policy.condition.parts
    assert (test.test, test.outcome) == ("context.acr eq mfa", "true")
    assert (negated.outcome, negated.parts[0].outcome) == ("true", "false")


def test_it_leaves_no_record(console: SignIn, records: Any) -> None:
    simulate(console("support"))
    assert records() == []
    assert not DecisionRecord.objects.exists()


def test_a_person_is_found_by_a_part_of_their_name(console: SignIn) -> None:
    write_policy("open")
    asha = make_person(name="Asha Rao")
    answer = simulate(console("support"), subject="asha r")
    assert answer.context["subject"].reference == f"user:{asha.public_id}"
    assert reverse("admin:accounts_user_change", args=[asha.pk]) in text_of(answer)


def test_so_is_a_client(console: SignIn) -> None:
    issued = service_clients.create(name="Order gateway", scopes=["authz:check"])
    planted_secrets.add(issued.secret)
    client = issued.client
    answer = simulate(console("support"), subject="order gate")
    assert answer.context["subject"].reference == f"service:{client.client_id}"


def test_who_is_meant_of_several_is_asked(console: SignIn) -> None:
    people = [make_person(name=f"Asha {family}") for family in ("Rao", "Iyer")]
    answer = simulate(console("support"), subject="Asha")
    assert "explained" not in answer.context
    assert "Several are called that: choose one." in in_one_line(answer)
    for person in people:
        assert f'name="subject" value="user:{person.public_id}"' in in_one_line(answer)
    # The button stands after the box, so that what it sends is what counts.
    chosen = simulate(console("support"), subject=["Asha", f"user:{people[0].public_id}"])
    assert chosen.context["subject"].text.startswith("Asha Rao")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"subject": "nobody at all"}, "Nothing is called that."),
        ({"action": "read it"}, "Words with colons between"),
        ({"context": "[]"}, "An object: names and values in braces."),
        ({"context": "{"}, "This is not JSON at column 2"),
        ({"ip": "300.1.1.1"}, "valid IPv4 or IPv6 address"),
        ({"at": "yesterday"}, "Enter a valid date/time."),
    ],
)
def test_what_is_no_question_is_told(console: SignIn, fields: Any, told: str) -> None:
    answer = simulate(console("support"), **fields)
    assert told in in_one_line(answer)
    assert "explained" not in answer.context


def test_the_clock_can_be_set(console: SignIn) -> None:
    hours = {"from": "09:00", "to": "17:00", "timezone": "Asia/Kolkata"}
    write_policy("office-hours", condition={"attr": "env.now", "between_times": hours})
    browser = console("support")
    assert simulate(browser, at="2026-01-05T06:30").context["allowed"] is True
    assert simulate(browser, at="2026-01-05T20:30").context["allowed"] is False


def test_a_draft_is_tried_before_anybody_saves_it(console: SignIn) -> None:
    write_policy("open")
    browser = console()
    typed = {"document": json.dumps(SHUT), "_ask": ""}
    asked = browser.post(reverse("admin:authz_policy_add"), typed, follow=True)
    draft = PolicyDraft.objects.get()
    assert "with the draft of shut among them" in in_one_line(asked)
    then = simulate(browser, draft=draft.public_id, policies="draft")
    now = simulate(browser, draft=draft.public_id, policies="current")
    assert (then.context["allowed"], now.context["allowed"]) == (False, True)
    assert "Denied by shut." in in_one_line(then)
    assert decisions.check(subject="user:usr_1", action="read", resource="planet:x").allowed


def test_a_draft_whose_name_was_taken_meanwhile_is_told(console: SignIn) -> None:
    draft = drafts.keep(document=SHUT, policy=None, based_on=None, by="system")
    write_policy("shut")
    answer = simulate(console(), draft=draft.public_id, policies="draft")
    assert "Another policy has this name." in in_one_line(answer)


def test_a_draft_is_for_those_who_may_write(console: SignIn) -> None:
    write_policy("open")
    draft = drafts.keep(document=SHUT, policy=None, based_on=None, by="system")
    answer = simulate(console("support"), draft=draft.public_id, policies="draft")
    assert answer.context["allowed"] is True
    assert answer.context["draft"] is None


def test_a_link_brings_a_question_along(console: SignIn) -> None:
    write_policy("open")
    question = {"subject": "user:usr_1", "action": "read", "resource": "planet:x"}
    assert console("support").get(PAGE, question).context["allowed"] is True
    partly = console("support").get(PAGE, {"subject": "user:usr_1"})
    assert partly.context["form"]["subject"].value() == "user:usr_1"
    assert "explained" not in partly.context


def test_names_are_suggested(console: SignIn) -> None:
    asha = make_person(name="Asha <Rao>")
    browser = console("support")
    options = text_of(browser.get(SUGGEST, {"q": "asha"}))
    assert f'value="user:{asha.public_id}"' in options
    assert "Asha &lt;Rao&gt;" in options
    assert "option" not in text_of(browser.get(SUGGEST, {"q": "a"}))


def test_a_list_of_policies_costs_the_queries_of_one(console: SignIn) -> None:
    browser = console("support")
    question = f"{PAGE}?subject=user:usr_1&action=read&resource=planet:x"
    write_policy("p0")
    one = queries_of(browser, question)
    for number in range(1, 6):
        write_policy(f"p{number}")
    assert queries_of(browser, question) <= one


def test_in_hindi_the_reasons_are_in_hindi(console: SignIn) -> None:
    write_policy("with-a-second-factor", condition=MFA)
    write_policy("for-readers", subjects=["role:reader"])
    browser = console("support")
    browser.cookies["language"] = "hi"
    page = in_one_line(simulate(browser, context=json.dumps({"acr": "pwd"})))
    assert "मनाही हुई, क्योंकि कोई नीति इसकी अनुमति नहीं देती।" in page
    assert "with-a-second-factor लागू नहीं होती। अनुरोध का acr pwd है, और नीति mfa चाहती है।" in page
    assert "for-readers इनके लिए है: भूमिका reader। व्यक्ति के पास भूमिका reader नहीं है।" in page
    assert "the policy wants" not in page
