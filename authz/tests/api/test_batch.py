"""`POST /v1/authz/check/batch`: many questions over HTTP."""

from typing import Any

import pytest

from authz.tests.factories import make_person, write_policy
from conftest import ApiClientFactory

pytestmark = pytest.mark.django_db


def question(subject: str = "user:usr_1", action: str = "read", **changes: Any) -> dict[str, Any]:
    return {"subject": subject, "action": action, "resource": "planet:x"} | changes


@pytest.fixture
def client(api: ApiClientFactory) -> Any:
    return api(service="ticker", scopes={"authz:check"})


def post(client: Any, *checks: Any) -> Any:
    return client.post("/v1/authz/check/batch", {"checks": list(checks)}, format="json")


def test_answers_come_in_the_order_of_the_questions(client: Any) -> None:
    write_policy("reading", actions=["read"])
    write_policy("never", actions=["burn"], effect="deny")
    asked = [question(action=action) for action in ("burn", "read", "write", "read")]
    answer = post(client, *asked)
    assert answer.status_code == 200
    told = [(one["decision"], one["policy"]) for one in answer.json()["results"]]
    assert told == [("deny", "never"), ("allow", "reading"), ("deny", None), ("allow", "reading")]


def test_each_question_has_its_own_context(client: Any) -> None:
    write_policy(condition={"attr": "context.value", "lte": 1})
    asked = [question(context={"value": value}) for value in (1, 2)]
    told = [one["decision"] for one in post(client, *asked).json()["results"]]
    assert told == ["allow", "deny"]


def test_a_thousand_are_answered_and_one_more_is_not(client: Any) -> None:
    write_policy()
    assert len(post(client, *[question()] * 1000).json()["results"]) == 1000
    refused = post(client, *[question()] * 1001)
    assert refused.status_code == 400
    assert [error["field"] for error in refused.json()["errors"]] == ["checks"]


@pytest.mark.parametrize(
    ("checks", "field"),
    [
        ([], "checks"),
        ("all", "checks"),
        ([question(), question(subject="nobody")], "checks.1.subject"),
        ([question(), {"subject": "user:usr_1", "action": "read"}], "checks.1.resource"),
        ([question(), 5], "checks.1"),
        ([question(extra=1)], "checks.0.extra"),
    ],
)
def test_a_malformed_batch_names_the_place(client: Any, checks: Any, field: str) -> None:
    answer = client.post("/v1/authz/check/batch", {"checks": checks}, format="json")
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_a_person_asks_a_batch_about_themself_alone(api: ApiClientFactory) -> None:
    me = make_person()
    write_policy()
    mine = question(f"user:{me.public_id}")
    assert post(api(me), mine, mine).status_code == 200
    assert post(api(me), mine, question()).status_code == 403


def test_a_stranger_asks_nothing(api: ApiClientFactory) -> None:
    assert post(api(), question()).status_code == 401
