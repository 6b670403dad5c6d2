"""`POST /v1/authz/explain`: what support reads when somebody asks why."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from authz.services.roles import grant_role, revoke_role
from authz.services.shipped import install
from authz.tests.factories import make_person, make_role, write_policy
from config.telemetry import planted_secrets
from conftest import ApiClientFactory
from trading.tests.factories import active_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def why(api: ApiClientFactory) -> Any:
    client = api(make_person(), scopes={"authz:explain"})

    def ask(subject: Any = "user:usr_1", **changes: Any) -> dict[str, Any]:
        subject = subject if isinstance(subject, str) else f"user:{subject.public_id}"
        question = {"subject": subject, "action": "read", "resource": "planet:x"} | changes
        answer = client.post("/v1/authz/explain", question, format="json")
        assert answer.status_code == 200, answer.content
        body: dict[str, Any] = answer.json()
        return body

    return ask


def trade(account: Any) -> dict[str, str]:
    return {"action": "trade:place_order", "resource": f"trading_account:{account.public_id}"}


def account_without_login() -> Any:
    account = active_account()
    account.status = "reauth_required"
    account.save()
    return account


def test_an_allow_says_what_it_rests_on(why: Any) -> None:
    write_policy("open", condition={"attr": "context.acr", "eq": "mfa"}, obligations={"max": 5})
    body = why(context={"acr": "mfa"})
    assert (body["decision"], body["policy"], body["obligations"]) == ("allow", "open", {"max": 5})
    assert body["summary"] == "Allowed by open. The request's acr is mfa, as the policy wants."
    (policy,) = body["policies"]
    assert (policy["version"], policy["standing"], policy["outcome"]) == (1, "decided", "true")
    assert policy["condition"] == {
        "path": "condition",
        "kind": "test",
        "outcome": "true",
        "why": None,
        "sentence": "The request's acr is mfa, as the policy wants.",
        "attr": "context.acr",
        "operator": "eq",
        "operand": "mfa",
        "value": "mfa",
    }


def test_the_policies_stand_in_the_order_of_deciding(why: Any) -> None:
    never = {"attr": "context.acr", "eq": "never"}
    write_policy("first", effect="deny", priority=9, condition=never)
    write_policy("second", priority=5)
    write_policy("third", effect="deny", priority=1)
    write_policy("fourth", priority=0, condition=never)
    write_policy("another", actions=["write"])
    body = why(context={"acr": "mfa"})
    assert [(one["name"], one["standing"]) for one in body["policies"]] == [
        ("first", "did_not_match"),
        ("second", "decided"),
        ("third", "would_have_matched"),
        ("fourth", "not_reached"),
    ]


def test_a_tree_shows_what_was_not_looked_at(why: Any) -> None:
    write_policy(
        condition={
            "any": [
                {"attr": "context.a", "eq": 1},
                {"not": {"attr": "context.a", "gt": 5}},
                {"attr": "context.a", "eq": {"attr": "context.b"}},
            ]
        }
    )
    tree = why(context={"a": 2, "b": 3})["policies"][0]["condition"]
    assert (tree["kind"], tree["outcome"]) == ("any", "true")
    assert [part["outcome"] for part in tree["parts"]] == ["false", "true", "not_reached"]
    assert tree["parts"][1]["parts"][0]["path"] == "condition.any.1.not"
    assert tree["parts"][2]["value"] is None
    assert tree["parts"][2]["operand"] == {"attr": "context.b"}


def test_a_suspended_person(why: Any) -> None:
    install()
    person = make_person(status="suspended")
    assert why(person)["summary"] == (
        "Denied by people-who-are-not-active. The person's status is suspended, which is not active."
    )


def test_an_account_that_is_not_active(why: Any) -> None:
    install()
    account = account_without_login()
    body = why(account.owner, **trade(account))
    assert body["summary"] == (
        "Denied by accounts-that-are-not-active. "
        "The account's status is reauth_required, which is none of active, degraded."
    )
    owners = next(one for one in body["policies"] if one["name"] == "owners")
    assert owners["standing"] == "would_have_matched"


def test_an_allow_that_wants_another_status(why: Any) -> None:
    write_policy(condition={"attr": "resource.status", "eq": "active"})
    account = account_without_login()
    assert (
        "The account's status is reauth_required, and the policy wants active."
        in (why(make_person(), **trade(account))["summary"])
    )


def test_a_membership_that_is_no_more(why: Any) -> None:
    install()
    account = active_account()
    summary = why(make_person(), **trade(account))["summary"]
    assert summary.startswith("Denied, for no policy allows it.")
    assert (
        f"There is no {account.public_id} among the person's memberships: "
        "nothing is known of subject.memberships[resource.id].permissions."
    ) in summary


def test_a_role_that_has_run_out(why: Any) -> None:
    person, other = make_person(), make_person()
    make_role(name="reader")
    write_policy("readers", subjects=["role:reader"])
    soon = timezone.now() + timedelta(minutes=1)
    grant_role(user=person, role="reader", granted_by=None, reason="a test", expires_at=soon)
    with time_machine.travel(soon + timedelta(seconds=1)):
        body = why(person)
    (lacked,) = body["for_other_roles"]
    assert (lacked["policy"], lacked["roles"]) == ("readers", ["reader"])
    assert f"The person's role reader ran out on {soon:%-d %B %Y at %H:%M} UTC." in body["summary"]
    assert "The person does not hold the role reader." in why(other)["summary"]


def test_a_role_that_was_taken_away(why: Any) -> None:
    person = make_person()
    make_role(name="reader")
    write_policy("readers", subjects=["role:reader"])
    grant_role(user=person, role="reader", granted_by=None, reason="a test")
    assert why(person)["decision"] == "allow"
    revoke_role(user=person, role="reader", revoked_by=None, reason="a test")
    assert "The person's role reader was revoked on " in why(person)["summary"]


def test_a_missing_attribute(why: Any) -> None:
    write_policy("open")
    write_policy("abroad", effect="deny", condition={"attr": "subject.country", "ne": "IN"})
    body = why()
    assert (body["decision"], body["reason"]) == ("deny", "unknown")
    assert body["summary"] == (
        "Denied by abroad, which cannot be ruled out. Nothing is known of subject.country."
    )
    abroad = next(one for one in body["policies"] if one["name"] == "abroad")
    assert (abroad["outcome"], abroad["why"]) == ("unknown", "missing")


def test_a_value_of_the_wrong_type(why: Any) -> None:
    write_policy(condition={"attr": "context.order_value", "lte": 5000})
    body = why(context={"order_value": "100"})
    node = body["policies"][0]["condition"]
    assert (node["outcome"], node["why"], node["value"]) == ("unknown", "wrong_type", "100")
    assert node["sentence"] == (
        "The request's order_value is 100, which is a string, and the policy needs "
        "a number or a time, as what it is compared with there."
    )


def test_nothing_is_about_it_at_all(why: Any) -> None:
    assert why()["summary"] == (
        "Denied, for no policy allows this action with this resource to anybody like that."
    )


def test_secrets_are_not_shown(why: Any) -> None:
    secret = "hunter2-and-more"
    planted_secrets.add(secret)
    write_policy(
        condition={
            "all": [
                {"attr": "context.api_key", "eq": "swordfish"},
                {"attr": "context.device", "exists": True},
            ]
        }
    )
    body = why(context={"api_key": secret, "device": {"password": secret, "os": "ios"}})
    assert secret not in str(body)
    assert "swordfish" not in str(body)
    assert "[redacted]" in str(body)


def test_explaining_counts_as_no_decision(why: Any, counted: Any) -> None:
    before = counted("gatehouse_decisions_total", decision="deny", source="api")
    why()
    assert counted("gatehouse_decisions_total", decision="deny", source="api") == before


def test_it_has_a_scope_of_its_own(api: ApiClientFactory) -> None:
    for client in (api(make_person()), api(service="ticker", scopes={"authz:check"})):
        assert client.post("/v1/authz/explain", {}, format="json").status_code == 403
    assert api().post("/v1/authz/explain", {}, format="json").status_code == 401


def test_a_malformed_question_names_its_part(api: ApiClientFactory) -> None:
    client = api(make_person(), scopes={"authz:explain"})
    body = {"subject": "nobody", "action": "read", "resource": "planet:x"}
    answer = client.post("/v1/authz/explain", body, format="json")
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["subject"]


def test_programs_are_answered_in_english_whatever_they_ask_for(api: ApiClientFactory) -> None:
    write_policy("open", condition={"attr": "context.acr", "eq": "mfa"})
    client = api(make_person(locale="hi"), scopes={"authz:explain"})
    question = {"subject": "user:usr_1", "action": "read", "resource": "planet:x"}
    answer = client.post("/v1/authz/explain", question, format="json", HTTP_ACCEPT_LANGUAGE="hi")
    assert answer.json()["summary"].startswith("Denied, for no policy allows it. open does not")
