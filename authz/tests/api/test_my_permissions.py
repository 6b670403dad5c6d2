"""`GET /v1/authz/permissions`: what the caller may do."""

from typing import Any

import pytest

from authz.services import stored_entities
from authz.services.stored_entities import Draft
from authz.tests.factories import make_person, write_policy
from conftest import ApiClientFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def documents() -> None:
    drafts = [
        Draft(type="document", identifier=f"d{n}", properties={"open": n % 2 == 0})
        for n in range(5)
    ]
    stored_entities.put_many(drafts=drafts, by="system")
    write_policy("read", actions=["read"], resources=["document:*"])
    write_policy(
        "write",
        actions=["write"],
        resources=["document:*"],
        condition={"attr": "resource.open", "eq": True},
    )


def mine(client: Any, query: str = "") -> Any:
    return client.get(f"/v1/authz/permissions{query}")


@pytest.mark.usefixtures("documents")
def test_every_resource_with_the_actions_that_are_allowed(api: ApiClientFactory) -> None:
    answer = mine(api(make_person())).json()
    assert answer["next_cursor"] is None
    assert answer["results"] == [
        {
            "resource": f"document:d{n}",
            "actions": ["read", "write"] if n % 2 == 0 else ["read"],
        }
        for n in range(5)
    ]


@pytest.mark.usefixtures("documents")
def test_page_by_page_it_is_the_same(api: ApiClientFactory, environment: Any) -> None:
    client = api(make_person())
    whole = mine(client).json()["results"]
    assert len(whole) == 5
    for scanned in (1000, 1):
        environment(search_scan_limit=scanned)
        seen: list[Any] = []
        cursor: str | None = ""
        while cursor is not None:
            page = mine(client, f"?limit=2&cursor={cursor}").json()
            assert "results" in page, page
            assert len(page["results"]) <= 2
            seen += page["results"]
            cursor = page["next_cursor"]
        assert seen == whole


def test_nothing_allowed_is_an_empty_list(api: ApiClientFactory) -> None:
    write_policy(subjects=["service:ticker"])
    assert mine(api(make_person())).json() == {"results": [], "next_cursor": None}


def test_what_is_proven_counts(api: ApiClientFactory) -> None:
    me = make_person()
    write_policy(
        actions=["read"],
        resources=["vault:1"],
        condition={"attr": "context.acr", "eq": "mfa"},
    )
    assert mine(api(me)).json()["results"] == []
    assert mine(api(me, acr="mfa")).json()["results"] == [
        {"resource": "vault:1", "actions": ["read"]}
    ]


def test_a_cursor_is_one_of_ours(api: ApiClientFactory) -> None:
    for cursor in ("x", "WzEsMiwzXQ", "bnVsbA", "é"):
        assert mine(api(make_person()), f"?cursor={cursor}").status_code == 400
