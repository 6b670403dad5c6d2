"""`POST /v1/authz/check`: one question over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest

from authz.models import DecisionRecord
from authz.tests.conftest import Metric
from authz.tests.factories import make_person, write_policy
from conftest import ApiClientFactory

pytestmark = pytest.mark.django_db

CHECK = {"authz:check"}


def question(subject: Any = "user:usr_1", **changes: Any) -> dict[str, Any]:
    return {"subject": subject, "action": "read", "resource": "planet:x"} | changes


def post(client: Any, body: Any) -> Any:
    return client.post("/v1/authz/check", body, format="json")


def test_a_service_asks_about_anybody(api: ApiClientFactory) -> None:
    write_policy("open")
    answer = post(api(service="ticker", scopes=CHECK), question())
    assert answer.status_code == 200
    body = answer.json()
    assert body.pop("evaluated_at").endswith("Z")
    assert body == {"decision": "allow", "reason": "policy", "policy": "open", "ttl": 5}


def test_no_is_an_answer(api: ApiClientFactory) -> None:
    body = post(api(service="ticker", scopes=CHECK), question()).json()
    assert (body["decision"], body["reason"], body["policy"]) == ("deny", "no_policy", None)


def test_obligations_come_along(api: ApiClientFactory) -> None:
    write_policy(obligations={"max_order_value_inr": 500000})
    body = post(api(service="ticker", scopes=CHECK), question()).json()
    assert body["obligations"] == {"max_order_value_inr": 500000}


def test_a_person_asks_about_themself_and_nobody_else(api: ApiClientFactory) -> None:
    me, other = make_person(), make_person()
    write_policy()
    assert post(api(me), question(f"user:{me.public_id}")).json()["decision"] == "allow"
    refused = post(api(me), question(f"user:{other.public_id}"))
    assert refused.status_code == 403
    assert 'scope="authz:check"' in refused["WWW-Authenticate"]


def test_a_service_without_the_scope_asks_nothing(api: ApiClientFactory) -> None:
    client = api(service="ticker", scopes={"audit:read"})
    assert post(client, question()).status_code == 403
    assert post(client, question("service:ticker")).status_code == 403


def test_a_stranger_asks_nothing(api: ApiClientFactory) -> None:
    assert post(api(), question()).status_code == 401


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["subject", "action", "resource"]),
        (question(subject="nobody"), ["subject"]),
        (question(action="a b", resource="x"), ["resource", "action"]),
        (question(subject=5), ["subject"]),
        (question(subject=None), ["subject"]),
        (question(action=["read"]), ["action"]),
        (question(context="home"), ["context"]),
        (question(context=[]), ["context"]),
        (question(subject="user:" + "a" * 300), ["subject"]),
        (question(colour="red"), ["colour"]),
    ],
)
def test_a_malformed_question_names_its_fields(
    api: ApiClientFactory, body: dict[str, Any], fields: list[str]
) -> None:
    answer = post(api(service="ticker", scopes=CHECK), body)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == fields


MFA = {"attr": "context.acr", "eq": "mfa"}


def test_of_themself_a_person_is_believed_only_what_the_token_says(api: ApiClientFactory) -> None:
    me = make_person()
    write_policy(condition=MFA)
    asked = question(f"user:{me.public_id}", context={"acr": "mfa"})
    assert post(api(me), asked).json()["decision"] == "deny"
    without = question(f"user:{me.public_id}")
    assert post(api(me, acr="mfa"), without).json()["decision"] == "allow"


def test_nor_where_they_are(api: ApiClientFactory) -> None:
    me = make_person()
    write_policy(condition={"attr": "context.ip", "in_network": ["203.0.113.0/24"]})
    asked = question(f"user:{me.public_id}", context={"ip": "203.0.113.7"})
    assert post(api(me), asked).json()["decision"] == "deny"


def test_a_service_is_believed_with_the_scope_for_it(api: ApiClientFactory) -> None:
    write_policy(condition=MFA)
    asked = question(context={"acr": "mfa"})
    assert post(api(service="ticker", scopes=CHECK), asked).json()["decision"] == "deny"
    trusted = api(service="ticker", scopes=CHECK | {"authz:assert"})
    assert post(trusted, asked).json()["decision"] == "allow"


def test_what_we_do_not_know_ourselves_is_the_callers_to_say(api: ApiClientFactory) -> None:
    me = make_person()
    write_policy(condition={"attr": "context.value", "lte": 100})
    asked = question(f"user:{me.public_id}", context={"value": 100})
    assert post(api(me), asked).json()["decision"] == "allow"
    assert post(api(service="ticker", scopes=CHECK), asked).json()["decision"] == "allow"


def test_questions_over_http_are_counted_as_such(api: ApiClientFactory, counted: Metric) -> None:
    before = counted("gatehouse_decisions_total", decision="deny", source="api")
    post(api(service="ticker", scopes=CHECK), question())
    assert counted("gatehouse_decisions_total", decision="deny", source="api") == before + 1


def test_a_number_that_cannot_be_written_down_costs_nobody_their_record(
    api: ApiClientFactory, records: Callable[[], list[DecisionRecord]]
) -> None:
    client = api(service="ticker", scopes=CHECK)
    post(client, question("user:usr_1"))
    assert post(client, question("user:usr_2", context={"size": 10**30})).status_code == 400
    assert [record.subject for record in records()] == ["user:usr_1"]
