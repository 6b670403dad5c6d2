"""Preferences: a document with a known shape, changed by merge."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Preferences
from accounts.services import preferences
from accounts.services.preferences import merge_patch
from accounts.tests.factories import UserFactory
from events.models import OutboxEvent
from tests.racing import at_once

pytestmark = pytest.mark.django_db
Api = Callable[..., APIClient]
PATH = "/v1/users/me/preferences"

# RFC 7396 appendix A: original, patch, result
EXAMPLES: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("original", "changes", "result"), EXAMPLES)
def test_the_examples_of_rfc_7396(original: Any, changes: Any, result: Any) -> None:
    assert merge_patch(original, changes) == result


@pytest.mark.parametrize("media_type", ["application/json", "application/merge-patch+json"])
def test_a_merge_patch_may_come_under_its_own_name(api: Api, media_type: str) -> None:
    client = api(UserFactory.create())
    answer = client.patch(PATH, b'{"theme": "dark"}', content_type=media_type)
    assert (answer.status_code, answer.json()["theme"]) == (200, "dark")


def test_a_whole_document_does_not_come_as_a_patch(api: Api) -> None:
    client = api(UserFactory.create())
    answer = client.put(PATH, b"{}", content_type="application/merge-patch+json")
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "body", [b"[]", b'"dark"', b"null", b'{"theme": "dark", "theme": "light"}']
)
def test_a_patch_that_is_no_object_is_refused(api: Api, body: bytes) -> None:
    answer = api(UserFactory.create()).patch(
        PATH, body, content_type="application/merge-patch+json"
    )
    assert answer.status_code == 400


def test_null_is_no_choice_whichever_way_it_comes(api: Api) -> None:
    client = api(UserFactory.create())
    document = {"theme": "dark", "default_trading_account_id": None}
    replaced = client.put(PATH, document, format="json").json()
    assert (replaced["theme"], replaced["default_trading_account_id"]) == ("dark", None)
    assert client.get(PATH).json() == replaced
    assert Preferences.objects.get().values == {"theme": "dark"}


def test_what_was_stored_before_stays_readable() -> None:
    row = preferences.of(UserFactory.create())
    row.values = {"default_trading_account_id": None, "notifications": None}
    assert preferences.document_of(row) == preferences.DEFAULTS


def test_only_an_account_within_reach_is_the_default(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    asha = UserFactory.create()
    monkeypatch.setattr(
        preferences, "_reachable", [lambda user, account: (user, account) == (asha, "acc_hers")]
    )
    mine = {"default_trading_account_id": "acc_hers"}
    assert api(asha).patch(PATH, mine, format="json").json() == {**preferences.DEFAULTS, **mine}
    refused = api(UserFactory.create()).patch(PATH, mine, format="json")
    assert refused.json()["errors"][0]["code"] == "unreachable"


def test_a_complaint_is_never_as_long_as_the_value(api: Api) -> None:
    answer = api(UserFactory.create()).patch(PATH, {"theme": "x" * 100_000}, format="json")
    assert answer.status_code == 400
    assert len(answer.content) < 1_000


def test_a_change_is_told_by_name_and_none_is_not_told(api: Api) -> None:
    client = api(UserFactory.create())
    client.patch(PATH, {"theme": "dark"}, format="json")
    client.patch(PATH, {"theme": "dark"}, format="json")
    [event] = OutboxEvent.objects.filter(event_type="user.preferences.updated.v1")
    assert event.data["changed"] == ["theme"]


@pytest.mark.parametrize("method", ["put", "patch"])
def test_an_if_match_of_before_a_change_is_refused(api: Api, method: str) -> None:
    client = api(UserFactory.create())
    seen = client.get(PATH)["ETag"]
    change = getattr(client, method)
    first = change(PATH, {"theme": "dark"}, format="json", HTTP_IF_MATCH=seen)
    assert (first.status_code, first["ETag"] != seen) == (200, True)
    late = change(PATH, {"theme": "light"}, format="json", HTTP_IF_MATCH=seen)
    assert late.status_code == 412
    assert client.get(PATH).json()["theme"] == "dark"
    assert change(PATH, {"theme": "light"}, format="json", HTTP_IF_MATCH=first["ETag"])


@pytest.mark.django_db(transaction=True)
def test_of_twenty_changes_to_what_all_of_them_saw_one_is_made(api: Api) -> None:
    user = UserFactory.create()
    seen = api(user).get(PATH)["ETag"]

    def change(theme: str) -> Callable[[], int]:
        return lambda: int(
            api(user).patch(PATH, {"theme": theme}, format="json", HTTP_IF_MATCH=seen).status_code
        )

    answers = at_once(*[change("dark" if turn % 2 else "light") for turn in range(20)])

    assert sorted(answers) == [200] + [412] * 19
