"""Role grants over HTTP: nobody climbs."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from authz.models import Role
from authz.services.roles import grant_role, roles_of
from authz.tests.factories import make_person, make_role
from conftest import ApiClientFactory

pytestmark = pytest.mark.django_db


def path(person: Any, role: str = "") -> str:
    return f"/v1/users/{person.public_id}/roles" + (f"/{role}" if role else "")


def put(client: Any, person: Any, role: str = "reader", **body: Any) -> Any:
    return client.put(path(person, role), {"reason": "a test"} | body, format="json")


@pytest.fixture
def person() -> Any:
    make_role(name="reader", scopes=["a:read"])
    return make_person()


@pytest.fixture
def staff(api: ApiClientFactory) -> Any:
    return api(make_person(), scopes={"roles:write", "users:read", "a:read"})


def test_a_role_is_granted_read_and_taken(staff: Any, person: Any) -> None:
    soon = timezone.now() + timedelta(days=1)
    granted = put(staff, person, expires_at=soon.isoformat())
    assert granted.status_code == 200
    assert roles_of(person.pk) == {"reader"}
    body = granted.json()
    assert body["id"].startswith("rgr_")
    assert (body["role"], body["reason"]) == ("reader", "a test")
    assert staff.get(path(person, "reader")).json() == body
    assert staff.get(path(person)).json() == {"results": [body]}
    taken = staff.delete(path(person, "reader") + "?reason=a+test")
    assert taken.status_code == 204
    assert roles_of(person.pk) == frozenset()
    assert staff.get(path(person, "reader")).status_code == 404
    assert staff.delete(path(person, "reader") + "?reason=a+test").status_code == 404


def test_the_scope_is_needed(api: ApiClientFactory, person: Any) -> None:
    client = api(make_person(), scopes={"users:read", "users:write", "policies:write", "a:read"})
    assert put(client, person).status_code == 403
    assert client.delete(path(person, "reader") + "?reason=x").status_code == 403
    assert put(api(), person).status_code == 401
    assert roles_of(person.pk) == frozenset()


def test_nobody_grants_to_themself(api: ApiClientFactory) -> None:
    me = make_person()
    make_role(name="reader")
    refused = put(api(me, scopes={"roles:write", "a:read"}), me)
    assert refused.status_code == 403
    assert refused.json()["type"].endswith("/errors/self-grant")
    assert roles_of(me.pk) == frozenset()


def test_nobody_grants_more_than_they_hold(api: ApiClientFactory) -> None:
    friend = make_person()
    refused = put(api(make_person(), scopes={"roles:write", "users:read"}), friend, "admin")
    assert refused.status_code == 403
    assert refused.json()["type"].endswith("/errors/role-exceeds-grantor")
    assert roles_of(friend.pk) == frozenset()


def test_nor_does_a_service(api: ApiClientFactory, person: Any) -> None:
    assert put(api(service="hr", scopes={"roles:write"}), person).status_code == 403
    assert put(api(service="hr", scopes={"roles:write", "a:read"}), person).status_code == 200


def test_an_administrator_grants_every_shipped_role(api: ApiClientFactory) -> None:
    admin = api(make_person(), scopes=set(Role.objects.get(name="admin").scopes))
    person = make_person()
    for role in ("trader", "support", "compliance", "admin"):
        assert put(admin, person, role).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": None}, "reason"),
        ({"expires_at": "tomorrow"}, "expires_at"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"granted_by": "me"}, "granted_by"),
    ],
)
def test_a_malformed_grant_names_the_field(
    staff: Any, person: Any, body: dict[str, Any], field: str
) -> None:
    refused = put(staff, person, **body)
    assert refused.status_code == 400
    assert [error["field"] for error in refused.json()["errors"]] == [field]


def test_taking_a_role_needs_a_reason(staff: Any, person: Any) -> None:
    put(staff, person)
    assert staff.delete(path(person, "reader")).status_code == 400
    assert roles_of(person.pk) == {"reader"}


def test_a_person_reads_their_own_roles(api: ApiClientFactory, person: Any) -> None:
    grant_role(user=person, role="reader", granted_by=None, reason="a test")
    own = api(person).get(path(person))
    assert [grant["role"] for grant in own.json()["results"]] == ["reader"]
    assert api(person).get(path(person, "reader")).status_code == 200
    assert api(make_person()).get(path(person)).status_code == 403
    assert api().get(path(person)).status_code == 401


def test_what_is_not_there_is_not_found(staff: Any, person: Any) -> None:
    assert put(staff, person, "no-such-role").status_code == 404
    assert staff.get("/v1/users/usr_1/roles").status_code == 404
    assert staff.get("/v1/users/me/roles").status_code == 404
    assert put(staff, person, "x" * 300).status_code == 404
    assert put(staff, person, "%00").status_code == 404
    assert staff.get(path(person, "%00")).status_code == 404
