"""Policies over HTTP: who may, versions, and changes that collide."""

from typing import Any

import pytest

from authz.models import Policy
from authz.tests.factories import make_person, write_policy
from conftest import ApiClientFactory

pytestmark = pytest.mark.django_db

BASE = "/v1/authz/policies"
OPEN = {
    "name": "open",
    "effect": "allow",
    "subjects": ["user:*"],
    "actions": ["*"],
    "resources": ["*"],
}


@pytest.fixture
def staff(api: ApiClientFactory) -> Any:
    return api(make_person(), scopes={"policies:read", "policies:write"})


def write(client: Any, method: str, path: str, document: Any = None, **options: Any) -> Any:
    body = {"document": OPEN if document is None else document, "reason": "a test"}
    return getattr(client, method)(f"{BASE}{path}", body, format="json", **options)


def test_a_policy_is_created_read_and_listed(staff: Any) -> None:
    created = write(staff, "post", "")
    assert created.status_code == 201
    body = created.json()
    assert (body["name"], body["version"], body["document"]) == ("open", 1, OPEN)
    assert body["id"].startswith("pol_")
    assert body["changed_by"].startswith("user:usr_")
    read = staff.get(f"{BASE}/{body['id']}")
    assert read.json() == body
    assert read["ETag"] == created["ETag"]
    assert [one["id"] for one in staff.get(BASE).json()["results"]] == [body["id"]]


def test_lists_come_in_pages(staff: Any) -> None:
    for name in ("a", "b", "c"):
        write_policy(name)
    first = staff.get(BASE, {"limit": 2}).json()
    assert [one["name"] for one in first["results"]] == ["c", "b"]
    second = staff.get(BASE, {"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [one["name"] for one in second["results"]] == ["a"]
    assert second["next_cursor"] is None


def test_a_list_of_ten_costs_the_queries_of_one(staff: Any, django_assert_num_queries: Any) -> None:
    for number in range(10):
        write_policy(f"p{number}")
    with django_assert_num_queries(1):
        staff.get(BASE)


def test_a_change_needs_to_say_what_it_changes(staff: Any) -> None:
    policy = write_policy("open")
    path = f"/{policy.public_id}"
    seen = staff.get(f"{BASE}{path}")["ETag"]
    shut = {**OPEN, "effect": "deny"}
    assert write(staff, "put", path, shut).status_code == 428
    changed = write(staff, "put", path, shut, headers={"If-Match": seen})
    assert changed.status_code == 200
    assert changed.json()["version"] == 2
    assert changed["ETag"] != seen
    assert write(staff, "put", path, OPEN, headers={"If-Match": seen}).status_code == 412
    assert Policy.objects.get().current.number == 2


def test_so_does_a_deletion(staff: Any) -> None:
    path = f"{BASE}/{write_policy('open').public_id}?reason=a+test"
    assert staff.delete(path).status_code == 428
    assert staff.delete(path, headers={"If-Match": '"old"'}).status_code == 412
    seen = staff.get(path)["ETag"]
    assert staff.delete(path, headers={"If-Match": seen}).status_code == 204
    assert staff.get(path).status_code == 404
    assert staff.get(BASE).json()["results"] == []


def test_a_deletion_needs_a_reason(staff: Any) -> None:
    path = f"{BASE}/{write_policy('open').public_id}"
    seen = staff.get(path)["ETag"]
    refused = staff.delete(path, headers={"If-Match": seen})
    assert refused.status_code == 400
    assert [error["field"] for error in refused.json()["errors"]] == ["reason"]


def test_versions_are_kept_and_come_back(staff: Any) -> None:
    policy = write_policy("open")
    path = f"{BASE}/{policy.public_id}"
    seen = staff.get(path)["ETag"]
    after = write(
        staff, "put", f"/{policy.public_id}", {**OPEN, "effect": "deny"}, headers={"If-Match": seen}
    )
    versions = staff.get(f"{path}/versions").json()["results"]
    assert [(one["version"], one["document"]["effect"]) for one in versions] == [
        (2, "deny"),
        (1, "allow"),
    ]
    body = {"version": 1, "reason": "it was better"}
    assert staff.post(f"{path}/rollback", body, format="json").status_code == 428
    back = staff.post(f"{path}/rollback", body, format="json", headers={"If-Match": after["ETag"]})
    assert (back.json()["version"], back.json()["document"]) == (3, OPEN)
    gone = staff.post(
        f"{path}/rollback",
        body | {"version": 9},
        format="json",
        headers={"If-Match": back["ETag"]},
    )
    assert gone.status_code == 404


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["document", "reason"]),
        ({"document": [], "reason": "x"}, ["document"]),
        ({"document": OPEN, "reason": " "}, ["reason"]),
        ({"document": OPEN, "reason": 5}, ["reason"]),
        ({"document": OPEN, "reason": "x", "author": "me"}, ["author"]),
        (
            {"document": {**OPEN, "effect": "x", "condition": {"attr": "a"}}, "reason": "x"},
            ["document.effect", "document.condition"],
        ),
    ],
)
def test_a_malformed_body_names_every_place(staff: Any, body: Any, fields: list[str]) -> None:
    answer = staff.post(BASE, body, format="json")
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == fields


def test_a_name_is_taken_once(staff: Any) -> None:
    write_policy("open")
    refused = write(staff, "post", "")
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("/errors/policy-name-taken")


def test_a_draft_is_tried_and_not_stored(staff: Any) -> None:
    good = staff.post(f"{BASE}/validate", {"document": OPEN}, format="json")
    assert good.json() == {"valid": True, "flaws": []}
    bad = staff.post(f"{BASE}/validate", {"document": {**OPEN, "name": "A"}}, format="json")
    assert bad.status_code == 200
    assert bad.json()["valid"] is False
    assert [flaw["path"] for flaw in bad.json()["flaws"]] == ["name"]
    assert not Policy.objects.exists()


@pytest.mark.parametrize("policy_id", ["pol_1", "usr_01h455vb4pex5vsknk084sn02q", "x" * 300])
def test_what_is_not_there_is_not_found(staff: Any, policy_id: str) -> None:
    headers = {"If-Match": '"x"'}
    assert staff.get(f"{BASE}/{policy_id}").status_code == 404
    assert staff.get(f"{BASE}/{policy_id}/versions").status_code == 404
    assert write(staff, "put", f"/{policy_id}", headers=headers).status_code == 404
    gone = staff.delete(f"{BASE}/{policy_id}?reason=x", headers=headers)
    assert gone.status_code == 404


def test_a_deleted_policy_has_no_versions_to_read(staff: Any) -> None:
    path = f"{BASE}/{write_policy('open').public_id}"
    staff.delete(f"{path}?reason=x", headers={"If-Match": staff.get(path)["ETag"]})
    assert staff.get(f"{path}/versions").status_code == 404


READS = [("get", ""), ("get", "/{id}"), ("get", "/{id}/versions"), ("get", "/{id}/versions/1")]
WRITES = [
    ("post", ""),
    ("post", "/validate"),
    ("put", "/{id}"),
    ("delete", "/{id}"),
    ("post", "/{id}/rollback"),
]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [(*one, "policies:write") for one in READS] + [(*one, "policies:read") for one in WRITES],
)
def test_each_needs_its_own_scope(
    api: ApiClientFactory, method: str, path: str, scope: str
) -> None:
    address = BASE + path.format(id=write_policy().public_id)
    assert getattr(api(make_person(), scopes={scope}), method)(address).status_code == 403
    assert getattr(api(), method)(address).status_code == 401


def test_a_version_is_compared_with_another(staff: Any) -> None:
    policy = write_policy("open", condition={"all": [{"attr": "context.a", "eq": 1}]})
    path = f"{BASE}/{policy.public_id}"
    changed = {**OPEN, "priority": 5, "condition": {"all": [{"attr": "context.a", "eq": True}]}}
    headers = {"If-Match": staff.get(path)["ETag"]}
    write(staff, "put", f"/{policy.public_id}", changed, headers=headers)
    assert "differences" not in staff.get(f"{path}/versions/2").json()
    compared = staff.get(f"{path}/versions/2", {"compare": 1}).json()
    assert compared["version"] == 2
    assert compared["differences"] == [
        {"path": "condition.all.0.eq", "change": "changed", "before": 1, "after": True},
        {"path": "priority", "change": "added", "before": None, "after": 5},
    ]
    back = staff.get(f"{path}/versions/1", {"compare": 2}).json()["differences"]
    assert [(one["path"], one["change"]) for one in back] == [
        ("condition.all.0.eq", "changed"),
        ("priority", "removed"),
    ]
    assert staff.get(f"{path}/versions/3").status_code == 404
    assert staff.get(f"{path}/versions/2", {"compare": 9}).status_code == 404
    assert staff.get(f"{path}/versions/2", {"compare": "x"}).status_code == 400
