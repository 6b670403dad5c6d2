"""Lists come in pages by key."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db
Api = Callable[..., APIClient]


def test_pages_together_are_the_list_newest_first(api: Api) -> None:
    people = [UserFactory.create().public_id for _ in range(5)]
    pages = [api().get("/v1/people?limit=2").json()]
    while cursor := pages[-1]["next_cursor"]:
        pages.append(api().get("/v1/people", {"limit": 2, "cursor": cursor}).json())
    assert [row for page in pages for row in page["results"]] == people[::-1]
    assert len(pages) == 3


def test_a_row_that_arrives_between_two_pages_shifts_nothing(api: Api) -> None:
    people = [UserFactory.create().public_id for _ in range(3)]
    first = api().get("/v1/people?limit=2").json()
    UserFactory.create()
    second = api().get("/v1/people", {"limit": 2, "cursor": first["next_cursor"]}).json()
    assert second == {"results": [people[0]], "next_cursor": None}


def test_an_empty_list_is_one_empty_page(api: Api) -> None:
    assert api().get("/v1/people").json() == {"results": [], "next_cursor": None}


@pytest.mark.parametrize("limit", ["0", "201", "-1", "ten", "1.5", "", "²", "0" * 50])
def test_a_limit_out_of_range_is_named(api: Api, limit: str) -> None:
    response = api().get("/v1/people", {"limit": limit})
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "limit"


@pytest.mark.parametrize("cursor", ["x", "AAAA", "é", "!" * 22, "A" * 500, "%00"])
def test_a_cursor_that_we_never_gave_is_named(api: Api, cursor: str) -> None:
    response = api().get("/v1/people", {"cursor": cursor})
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "cursor"
