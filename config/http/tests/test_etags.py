"""Nobody overwrites what they have not seen."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db
Api = Callable[..., APIClient]


def put(client: APIClient, path: str, match: str | None) -> int:
    headers = {} if match is None else {"If-Match": match}
    return int(client.put(path, {}, format="json", headers=headers).status_code)


def test_the_tag_that_was_read_may_write(api: Api) -> None:
    path = f"/v1/people/{UserFactory.create().public_id}"
    tag = api().get(path)["ETag"]
    assert put(api(), path, tag) == 200
    assert put(api(), path, f'"other", {tag}') == 200
    assert put(api(), path, "*") == 200


def test_a_tag_from_before_a_change_may_not(api: Api) -> None:
    user = UserFactory.create()
    path = f"/v1/people/{user.public_id}"
    tag = api().get(path)["ETag"]
    user.save()
    assert put(api(), path, tag) == 412


def test_no_tag_at_all_is_asked_for(api: Api) -> None:
    assert put(api(), f"/v1/people/{UserFactory.create().public_id}", None) == 428
