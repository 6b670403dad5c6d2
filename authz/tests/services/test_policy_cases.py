"""Cases that stand guard over the policies."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from audit.models import AuthEvent
from authz.errors import PolicyNotFoundError
from authz.models import Policy, PolicyCase
from authz.services import decisions, policies, policy_cases
from authz.tests.factories import make_person, write_policy
from conftest import ApiClientFactory

pytestmark = pytest.mark.django_db

BASE = "/v1/authz/policies"


def case(name: str = "anybody-reads", expect: str = "allow", **given: Any) -> dict[str, Any]:
    question = {"subject": "user:usr_1", "action": "read", "resource": "planet:x"}
    return {"name": name, "given": question | given, "expect": expect}


@pytest.fixture
def staff(api: ApiClientFactory) -> Any:
    return api(make_person(), scopes={"policies:read", "policies:write"})


@pytest.fixture
def guarded(staff: Any) -> Policy:
    """An open house, with a case that it stays one."""
    policy = write_policy("open")
    assert add(staff, policy).status_code == 201
    return policy


def add(client: Any, policy: Policy, one: Any = None) -> Any:
    body = {"case": case() if one is None else one, "reason": "a test"}
    return client.post(f"{BASE}/{policy.public_id}/cases", body, format="json")


def change(client: Any, policy: Policy, body: dict[str, Any], **changes: Any) -> Any:
    path = f"{BASE}/{policy.public_id}"
    document = {**policy.current.document, **changes}
    seen = {"If-Match": client.get(path)["ETag"]}
    return client.put(
        path, {"document": document, "reason": "a test"} | body, format="json", headers=seen
    )


def happened() -> list[str]:
    types = AuthEvent.objects.filter(event_type__startswith="authz.policy.")
    return list(types.order_by("occurred_at").values_list("event_type", flat=True))


def test_a_case_is_kept_and_listed(staff: Any, guarded: Policy) -> None:
    (listed,) = staff.get(f"{BASE}/{guarded.public_id}/cases").json()["results"]
    assert (listed["name"], listed["expect"], listed["reason"]) == (
        "anybody-reads",
        "allow",
        "a test",
    )
    assert listed["given"] == case()["given"]
    assert happened()[-1] == "authz.policy.case_added"


def test_a_save_that_breaks_a_case_is_refused_and_names_it(staff: Any, guarded: Policy) -> None:
    refused = change(staff, guarded, {}, effect="deny")
    assert refused.status_code == 409
    problem = refused.json()
    assert problem["type"].endswith("/errors/policy-cases-broken")
    assert problem["errors"] == [
        {
            "field": "cases.open.anybody-reads",
            "code": "broken",
            "detail": "Expects allow; the answer is deny by open.",
        }
    ]
    assert Policy.objects.with_current().get().current.number == 1
    assert decisions.check(subject="user:usr_1", action="read", resource="planet:x").allowed


def test_the_cases_of_every_policy_are_asked(staff: Any, guarded: Policy) -> None:
    shut = {**guarded.current.document, "name": "shut", "effect": "deny"}
    body = {"document": shut, "reason": "a test"}
    assert staff.post(BASE, body, format="json").status_code == 409
    assert Policy.objects.count() == 1


def test_whoever_means_it_goes_ahead_and_the_trail_names_what_broke(
    staff: Any, guarded: Policy
) -> None:
    assert change(staff, guarded, {"break_cases": True}, effect="deny").status_code == 200
    assert "authz.policy.cases_broken" in happened()
    row = AuthEvent.objects.get(event_type="authz.policy.cases_broken")
    assert row.metadata["cases"] == ["open/anybody-reads"]
    assert row.metadata["reason"] == "a test"


def test_a_case_that_failed_before_stands_in_nobodys_way(staff: Any, guarded: Policy) -> None:
    after = change(staff, guarded, {"break_cases": True}, effect="deny")
    guarded.refresh_from_db()
    assert after.status_code == 200
    assert change(staff, guarded, {}, description="another").status_code == 200


def test_a_deletion_and_a_rollback_are_saves_too(staff: Any) -> None:
    policy = write_policy("open", effect="deny")
    change(staff, policy, {}, effect="allow")
    helper = write_policy("helper", subjects=["user:usr_2"])
    add(staff, policy)
    assert add(staff, helper, case("two", subject="user:usr_1")).status_code == 201
    path = f"{BASE}/{policy.public_id}"
    seen = {"If-Match": staff.get(path)["ETag"]}
    back = {"version": 1, "reason": "a test"}
    assert staff.post(f"{path}/rollback", back, format="json", headers=seen).status_code == 409
    assert staff.delete(f"{path}?reason=x", headers=seen).status_code == 409
    gone = staff.delete(f"{path}?reason=x&break_cases=true", headers=seen)
    assert gone.status_code == 204


def test_the_cases_of_a_deleted_policy_are_asked_no_more(staff: Any, guarded: Policy) -> None:
    policies.delete(policy_id=guarded.pk, by="system", reason="a test")
    assert staff.get(f"{BASE}/test").json() == {"holds": True, "results": []}
    assert not decisions.check(subject="user:usr_1", action="read", resource="planet:x").allowed


def test_a_case_must_hold_when_it_comes(staff: Any) -> None:
    refused = add(staff, write_policy("open"), case(expect="deny"))
    assert refused.status_code == 409
    assert refused.json()["detail"] == "Expects deny; the answer is allow by open."
    assert not PolicyCase.objects.exists()


def test_what_a_case_is_given_is_all_that_is_known(staff: Any) -> None:
    policy = write_policy(
        "traders",
        subjects=["role:trader"],
        condition={
            "all": [
                {"attr": "subject.status", "eq": "active"},
                {"attr": "resource.owner", "eq": {"attr": "subject.id"}},
                {"attr": "context.acr", "eq": "mfa"},
                {"attr": "env.now", "lt": "2026-02-01T00:00:00Z"},
            ]
        },
    )
    whole = case(
        subject_properties={"status": "active", "roles": ["trader"]},
        resource_properties={"owner": "usr_1"},
        context={"acr": "mfa"},
    )
    assert add(staff, policy, whole).status_code == 201
    late = {**whole, "name": "late", "expect": "deny"}
    late["given"] = whole["given"] | {"now": "2026-03-01T00:00:00Z"}
    assert add(staff, policy, late).status_code == 201
    without = {**whole, "name": "no-role", "expect": "deny"}
    without["given"] = whole["given"] | {"subject_properties": {"status": "active"}}
    assert add(staff, policy, without).status_code == 201


def test_a_case_is_removed(staff: Any, guarded: Policy) -> None:
    path = f"{BASE}/{guarded.public_id}/cases/anybody-reads"
    assert staff.delete(path).status_code == 400
    assert staff.delete(f"{path}?reason=over").status_code == 204
    assert staff.delete(f"{path}?reason=over").status_code == 404
    assert happened()[-1] == "authz.policy.case_removed"
    assert change(staff, guarded, {}, effect="deny").status_code == 200


def test_a_name_is_taken_once_and_there_is_a_limit(
    staff: Any, guarded: Policy, environment: Any
) -> None:
    assert add(staff, guarded).json()["type"].endswith("/errors/policy-case-name-taken")
    environment(policy_case_limit=1)
    assert add(staff, guarded, case("two")).json()["type"].endswith("/errors/too-many-policies")


def test_no_more_policies_than_the_limit(staff: Any, guarded: Policy, environment: Any) -> None:
    environment(policy_limit=1)
    body = {"document": {**guarded.current.document, "name": "two"}, "reason": "a test"}
    assert staff.post(BASE, body, format="json").status_code == 409
    assert change(staff, guarded, {}, description="still fine").status_code == 200


@pytest.mark.parametrize(
    ("one", "fields"),
    [
        ({}, ["case.name", "case.given", "case.expect"]),
        (case() | {"colour": 1}, ["case.colour"]),
        (case("A Name"), ["case.name"]),
        (case(expect="maybe"), ["case.expect"]),
        (case() | {"given": []}, ["case.given"]),
        (case(subject="nobody"), ["case.given.subject"]),
        (case(action="*"), ["case.given.action"]),
        (case(context=[]), ["case.given.context"]),
        (case(properties={}), ["case.given.properties"]),
        (case(now="noon"), ["case.given.now"]),
        (case(subject_properties={"roles": "x"}), ["case.given.subject_properties.roles"]),
        (case(context={"a": "x" * 20_000}), ["case.given"]),
    ],
)
def test_a_malformed_case_names_every_place(staff: Any, one: Any, fields: list[str]) -> None:
    refused = add(staff, write_policy("open"), one)
    assert refused.status_code == 400
    assert [error["field"] for error in refused.json()["errors"]] == fields


def test_each_needs_its_own_scope(api: ApiClientFactory) -> None:
    policy = write_policy("open")
    reader = api(make_person(), scopes={"policies:read"})
    writer = api(make_person(), scopes={"policies:write"})
    cases = f"{BASE}/{policy.public_id}/cases"
    assert reader.get(cases).status_code == 200
    assert writer.get(cases).status_code == 403
    assert add(reader, policy).status_code == 403
    assert reader.delete(f"{cases}/x?reason=x").status_code == 403
    assert reader.get(f"{BASE}/test").status_code == 200


def run(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("authz_test", *arguments, stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def test_the_command_runs_them_all(guarded: Policy) -> None:
    assert run() == (0, "1 of 1 cases hold\n")
    policies.update(
        policy_id=guarded.pk,
        document={**guarded.current.document, "effect": "deny"},
        by="system",
        reason="a test",
        break_cases=True,
    )
    code, out = run("--json")
    assert code == 1
    assert json.loads(out) == {
        "cases": 1,
        "failed": [
            {
                "policy": "open",
                "case": "anybody-reads",
                "detail": "Expects allow; the answer is deny by open.",
            }
        ],
    }
    assert "open/anybody-reads" in run()[1]


def test_a_removed_case_of_an_unknown_policy_is_not_found() -> None:
    with pytest.raises(PolicyNotFoundError):
        policy_cases.remove(policy_id=make_person().pk, name="x", by="system", reason="x")
