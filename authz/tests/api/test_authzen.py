"""AuthZEN beyond its scenario: who may ask and assert what, and what we know ourselves."""

from typing import Any

import pytest

from authz.tests.conftest import Metric
from authz.tests.factories import make_person, write_policy
from conftest import ApiClientFactory

pytestmark = pytest.mark.django_db

EVALUATION, EVALUATIONS = "/access/v1/evaluation", "/access/v1/evaluations"
SEARCHES = ("subject", "resource", "action")


def question(subject: Any = "user:someone", **changes: Any) -> dict[str, Any]:
    if isinstance(subject, str):
        kind, _, identifier = subject.partition(":")
        subject = {"type": kind, "id": identifier}
    asked = {
        "subject": subject,
        "action": {"name": "read"},
        "resource": {"type": "planet", "id": "x"},
    }
    return asked | changes


@pytest.fixture
def pep(api: ApiClientFactory) -> Any:
    return api(service="pep", scopes={"authz:check", "authz:assert"})


def ask(client: Any, body: Any, path: str = EVALUATION) -> Any:
    return client.post(path, body, format="json")


def test_a_permit_names_its_policy_and_its_obligations(pep: Any) -> None:
    write_policy("open", obligations={"watermark": True})
    assert ask(pep, question()).json() == {
        "decision": True,
        "context": {
            "reason": "policy",
            "policy": "open",
            "ttl": 5,
            "obligations": {"watermark": True},
        },
    }


def test_a_person_asks_about_themself_and_nobody_else(api: ApiClientFactory) -> None:
    me, other = make_person(), make_person()
    write_policy()
    mine = f"user:{me.public_id}"
    assert ask(api(me), question(mine)).json()["decision"] is True
    assert ask(api(me), question(f"user:{other.public_id}")).status_code == 403
    items = {"evaluations": [question(mine), question()]}
    assert ask(api(me), items, EVALUATIONS).status_code == 403
    for kind in SEARCHES:
        assert ask(api(me), question(mine), f"/access/v1/search/{kind}").status_code == 403


def test_strangers_hear_nothing_of_their_question(api: ApiClientFactory) -> None:
    for body in (question(), {}, {"subject": 5}):
        answer = ask(api(), body)
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == "Bearer"


def test_to_assert_takes_its_scope(api: ApiClientFactory) -> None:
    """Leaving the properties out instead could turn a no into a yes."""
    write_policy()
    write_policy("closed", effect="deny", condition={"attr": "resource.closed", "eq": True})
    believer = api(service="pep", scopes={"authz:check"})
    closed = {"type": "planet", "id": "x", "properties": {"closed": True}}
    refused = ask(believer, question(resource=closed))
    assert refused.status_code == 403
    assert 'scope="authz:assert"' in refused["WWW-Authenticate"]
    items = {"evaluations": [question(), question(resource=closed)]}
    assert ask(believer, items, EVALUATIONS).status_code == 403
    assert ask(believer, question(resource=closed), "/access/v1/search/action").status_code == 403


def test_what_an_action_is_like_belongs_to_the_question(api: ApiClientFactory) -> None:
    write_policy(condition={"attr": "action.soft", "eq": True})
    asker = api(service="pep", scopes={"authz:check"})
    soft = {"name": "read", "properties": {"soft": True, "name": "write"}}
    assert ask(asker, question(action=soft)).json()["decision"] is True
    assert ask(asker, question()).json()["decision"] is False


def test_of_ours_nobody_asserts_what_we_know(pep: Any) -> None:
    suspended = make_person(status="suspended")
    write_policy("active", condition={"attr": "subject.status", "eq": "active"})
    write_policy("admins", subjects=["role:admin"])
    write_policy("sales", actions=["sell"], condition={"attr": "subject.team", "eq": "sales"})
    claimed = {
        "type": "user",
        "id": suspended.public_id,
        "properties": {"status": "active", "roles": ["admin"], "id": "other", "team": "sales"},
    }
    assert ask(pep, question(subject=claimed)).json()["decision"] is False
    selling = question(subject=claimed, action={"name": "sell"})
    assert ask(pep, selling).json()["decision"] is True
    unknown = claimed | {"id": "alice"}
    assert ask(pep, question(subject=unknown)).json()["decision"] is False


def test_nobody_is_a_role(pep: Any) -> None:
    write_policy(subjects=["role:admin"])
    assert ask(pep, question("role:admin")).json()["decision"] is False


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": {"type": "User", "id": "x"}},
        {"subject": {"type": "user", "id": "a b"}},
        {"resource": {"type": "planet", "id": "*"}},
        {"resource": {"type": "planet", "id": "x" * 500}},
        {"action": {"name": "read all"}},
    ],
)
def test_what_no_policy_can_name_is_a_no(pep: Any, changes: Any) -> None:
    write_policy(subjects=["user:*"], resources=["*"], actions=["*"])
    answer = ask(pep, question(**changes))
    assert (answer.status_code, answer.json()["decision"]) == (200, False)


def test_an_empty_type_or_name_is_malformed(pep: Any) -> None:
    for changes in ({"action": {"name": ""}}, {"subject": {"type": "", "id": "x"}}):
        assert ask(pep, question(**changes)).status_code == 400


def test_more_than_a_batch_may_hold_are_refused(pep: Any, environment: Any) -> None:
    environment(decision_batch_size=2)
    refused = ask(pep, question(evaluations=[{}] * 3), EVALUATIONS)
    assert refused.status_code == 400


@pytest.mark.parametrize(("number", "status"), [(2**64 - 1, 200), (-(2**63), 200), (2**64, 400)])
def test_a_number_of_64_bits_is_searched_with(pep: Any, number: int, status: int) -> None:
    body = question(context={"serial": number})
    for kind in SEARCHES:
        assert ask(pep, body, f"/access/v1/search/{kind}").status_code == status


def test_evaluations_are_counted_as_such(pep: Any, counted: Metric) -> None:
    before = counted("gatehouse_decisions_total", decision="deny", source="authzen")
    ask(pep, question())
    ask(pep, question(evaluations=[{}, {}]), EVALUATIONS)
    after = counted("gatehouse_decisions_total", decision="deny", source="authzen")
    assert after == before + 3


def test_the_metadata_is_for_everybody(api: ApiClientFactory, settings: Any) -> None:
    answer = api().get("/.well-known/authzen-configuration")
    base = settings.ENVIRONMENT.public_url
    assert answer.json()["policy_decision_point"] == base
    assert answer.json()["search_action_endpoint"] == f"{base}/access/v1/search/action"
