"""`/v1/authz/entities`: what clients tell us of entities that are not ours."""

from typing import Any

import pytest

from audit.models import AuthEvent
from authz.models import Entity, EntityType
from authz.services import decisions
from authz.tests.factories import make_person, write_policy
from conftest import ApiClientFactory
from events.models import OutboxEvent

pytestmark = pytest.mark.django_db

ONE = "/v1/authz/entities/document/d1"
ALL = "/v1/authz/entities"


@pytest.fixture
def writer(api: ApiClientFactory) -> Any:
    return api(service="archive", scopes={"authz:write"})


def put(client: Any, path: str = ONE, **properties: Any) -> Any:
    return client.put(path, {"properties": properties}, format="json")


def entity(identifier: str, kind: str = "document", **properties: Any) -> dict[str, Any]:
    return {"type": kind, "id": identifier, "properties": properties}


def store(client: Any, *entities: Any) -> Any:
    return client.post(ALL, {"entities": list(entities)}, format="json")


def allowed(resource: str = "document:d1") -> bool:
    return decisions.check(subject="user:someone", action="read", resource=resource).allowed


def test_what_is_stored_decides_from_then_on(writer: Any) -> None:
    write_policy(condition={"attr": "resource.public", "eq": True})
    assert not allowed()
    assert put(writer, public=True).status_code == 201
    assert allowed()
    assert put(writer, public=False).status_code == 200
    assert not allowed()
    put(writer, public=True)
    assert writer.delete(ONE).status_code == 204
    assert not allowed()


def test_it_is_read_as_it_was_stored(writer: Any) -> None:
    made = put(writer, tags=["a"], nested={"x": [1, 2.5, None]})
    read = writer.get(ONE)
    assert read.json() == made.json()
    assert read.json()["properties"] == {"tags": ["a"], "nested": {"x": [1, 2.5, None]}}
    assert (read.json()["type"], read.json()["id"]) == ("document", "d1")
    assert read["ETag"] == made["ETag"]
    assert writer.get("/v1/authz/entities/document/d2").status_code == 404


def test_an_id_may_have_slashes(writer: Any) -> None:
    assert put(writer, f"{ALL}/file/reports/2026/q1.pdf", size=1).status_code == 201
    assert writer.get(f"{ALL}/file/reports/2026/q1.pdf").json()["id"] == "reports/2026/q1.pdf"


def test_a_change_is_made_to_what_was_read(writer: Any) -> None:
    old = put(writer, version=1)["ETag"]
    put(writer, version=2)
    body = {"properties": {"version": 3}}
    assert writer.put(ONE, body, format="json", headers={"If-Match": old}).status_code == 412
    assert writer.delete(ONE, headers={"If-Match": old}).status_code == 412
    new = writer.get(ONE)["ETag"]
    assert writer.put(ONE, body, format="json", headers={"If-Match": new}).status_code == 200
    nothing = f"{ALL}/document/d2"
    assert writer.put(nothing, body, format="json", headers={"If-Match": "*"}).status_code == 412
    assert not Entity.objects.named("document", "d2").exists()


def test_many_are_stored_together_or_not_at_all(writer: Any) -> None:
    write_policy(condition={"attr": "resource.public", "eq": True})
    answer = store(writer, *(entity(f"d{n}", public=n == 1) for n in range(3)))
    assert (answer.status_code, answer.json()) == (200, {"stored": 3})
    assert [allowed(f"document:d{n}") for n in range(3)] == [False, True, False]
    assert store(writer, entity("d0", public=True), entity("d 1")).status_code == 400
    assert not allowed("document:d0")
    store(writer, entity("d0", public=True), entity("d9"))
    assert allowed("document:d0")
    assert Entity.objects.count() == 4


def test_more_than_a_request_may_hold_are_refused(writer: Any, environment: Any) -> None:
    environment(entity_batch_size=2)
    refused = store(writer, *(entity(f"d{n}") for n in range(3)))
    assert [error["code"] for error in refused.json()["errors"]] == ["too_many"]
    assert not Entity.objects.exists()


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        (entity("d1", kind="Document"), "type"),
        (entity("admin", kind="role"), "type"),
        (entity("a b"), "id"),
        (entity("*"), "id"),
        (entity("d1", id="other"), "properties.id"),
        (entity("d1", type="user"), "properties.type"),
        (entity("d1", deep=[[[[[[[[[1]]]]]]]]]), "properties"),
        (entity("d1", long="x" * 17_000), "properties"),
        ({"type": "document", "id": "d1"}, "properties"),
        ({"type": "document", "id": "d1", "properties": []}, "properties"),
        ({"type": "document", "id": 5, "properties": {}}, "id"),
        (entity("d1") | {"colour": "red"}, "colour"),
    ],
)
def test_what_is_no_entity_is_refused_with_its_place(writer: Any, broken: Any, field: str) -> None:
    answer = store(writer, entity("fine"), broken)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [f"entities.1.{field}"]
    assert not Entity.objects.exists()


def test_one_entity_is_named_once(writer: Any) -> None:
    answer = store(writer, entity("d1"), entity("d1"))
    assert [error["code"] for error in answer.json()["errors"]] == ["twice"]


def test_nobody_tells_us_what_ours_are_like(writer: Any) -> None:
    person = make_person(status="suspended")
    refused = put(writer, f"{ALL}/user/{person.public_id}", status="active")
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("/entity-is-ours")
    nobody = put(writer, f"{ALL}/user/usr_01h455vb4pex5vsknk084sn02q", status="active")
    assert nobody.status_code == 409
    assert put(writer, f"{ALL}/service/ticker", enabled=True).status_code == 409
    account = f"{ALL}/trading_account/acc_01h455vb4pex5vsknk084sn02q"
    assert put(writer, account, owner="usr_1").status_code == 409
    assert put(writer, f"{ALL}/user/alice", status="active").status_code == 201


def test_roles_that_are_stored_open_nothing(writer: Any) -> None:
    write_policy(subjects=["role:admin"])
    put(writer, f"{ALL}/user/mallory", roles=["admin"], role="admin")
    put(writer, f"{ALL}/robot/r2", roles=["admin"], role="admin")
    for subject in ("user:mallory", "robot:r2"):
        found = decisions.check(subject=subject, action="read", resource="document:d1")
        assert not found.allowed


def test_they_are_listed_page_by_page(writer: Any) -> None:
    store(writer, *(entity(f"d{n}") for n in range(3)), entity("f1", kind="file"))
    page = writer.get(f"{ALL}?type=document&limit=2").json()
    rest = writer.get(f"{ALL}?type=document&limit=2&cursor={page['next_cursor']}").json()
    listed = [one["id"] for one in page["results"] + rest["results"]]
    assert sorted(listed) == ["d0", "d1", "d2"]
    assert rest["next_cursor"] is None
    assert len(writer.get(ALL).json()["results"]) == 4


def test_it_takes_the_scope(api: ApiClientFactory) -> None:
    for client in (
        api(service="pep", scopes={"authz:check", "authz:assert"}),
        api(make_person(), scopes={"policies:write"}),
    ):
        assert put(client).status_code == 403
        assert client.get(ONE).status_code == 403
        assert store(client, entity("d1")).status_code == 403
    assert put(api()).status_code == 401


def test_the_trail_and_the_outbox_tell_which_and_never_what(writer: Any) -> None:
    store(writer, entity("d1", secret="of the archive"), entity("d2"))
    writer.delete(ONE)
    rows = list(
        AuthEvent.objects.filter(event_type__startswith="authz.entity").order_by("occurred_at")
    )
    assert [row.event_type for row in rows] == ["authz.entity.stored", "authz.entity.deleted"]
    assert rows[0].metadata["entities"] == ["document:d1", "document:d2"]
    assert rows[0].metadata["by"] == "service:archive"
    told = OutboxEvent.objects.filter(event_type="entity.updated.v1")
    assert told.count() == 2
    assert "of the archive" not in str([*(row.metadata for row in rows), *told.values()])


def test_a_type_is_known_from_its_first_entity_on(writer: Any) -> None:
    assert not EntityType.objects.exists()
    put(writer)
    writer.delete(ONE)
    assert [one.name for one in EntityType.objects.all()] == ["document"]
