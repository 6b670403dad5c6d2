"""`/v1/webhooks`: a client's own, and all of them for staff."""

from typing import Any

import pytest

from accounts.services import service_clients
from accounts.tests.factories import UserFactory
from audit.models import AuthEvent
from conftest import ApiClientFactory
from events import subscribers
from events.models import OutboxEvent, Webhook
from events.tests.webhooks.conftest import receiver  # noqa: F401 - a fixture
from events.tests.webhooks.making import delivery_of, dispatch, happens
from events.tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db

ALL = "/v1/webhooks"


@pytest.fixture
def ticker(api: ApiClientFactory) -> Any:
    service_clients.create(name="Ticker", client_id="ticker", scopes=["events:read"])
    return api(service="ticker", scopes={"events:read"})


def create(client: Any, receiver: Receiver, **more: Any) -> Any:  # noqa: F811
    answer = client.post(ALL, {"url": receiver.url, **more}, format="json")
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_the_secret_is_shown_when_it_is_made_and_never_again(
    ticker: Any,
    receiver: Receiver,  # noqa: F811
) -> None:
    made = create(ticker, receiver, event_types=["user.*", "user.*"], description="Cache")
    assert made["secret"].startswith("whsec_")
    assert (made["client_id"], made["event_types"], made["enabled"]) == ("ticker", ["user.*"], True)
    one = f"{ALL}/{made['id']}"
    for answer in (ticker.get(one), ticker.get(ALL), ticker.patch(one, {}, format="json")):
        assert answer.status_code == 200
        assert b"secret" not in answer.content.replace(b"previous_secret_until", b"")
        assert made["secret"].encode() not in answer.content


def test_a_new_secret_is_shown_once_too(ticker: Any, receiver: Receiver) -> None:  # noqa: F811
    made = create(ticker, receiver)
    answer = ticker.post(f"{ALL}/{made['id']}/rotate-secret")
    assert answer.status_code == 200
    assert answer.json()["secret"] not in ("", made["secret"])
    assert answer.json()["previous_secret_until"]
    assert AuthEvent.objects.filter(event_type="webhook.secret_rotated").exists()


def test_clients_have_their_own_and_no_others(
    api: ApiClientFactory,
    ticker: Any,
    receiver: Receiver,  # noqa: F811
) -> None:
    made = create(ticker, receiver)
    event = happens()
    other = api(service="other", scopes={"events:read"})
    one = f"{ALL}/{made['id']}"
    delivery = f"{one}/deliveries/{delivery_of(event).public_id}"
    assert other.get(ALL).json()["results"] == []
    for method, path in (
        ("get", one),
        ("patch", one),
        ("delete", one),
        ("post", f"{one}/rotate-secret"),
        ("post", f"{one}/test"),
        ("post", f"{one}/replay"),
        ("get", f"{one}/deliveries"),
        ("get", delivery),
        ("post", f"{delivery}/replay"),
    ):
        answer = getattr(other, method)(path, {}, format="json")
        assert answer.status_code == 404, path
    assert ticker.get(one).status_code == 200


def test_a_delivery_of_another_webhook_is_not_found(ticker: Any, receiver: Receiver) -> None:  # noqa: F811
    first, second = (create(ticker, receiver)["id"] for _ in range(2))
    event = happens()
    of_first = event.deliveries.get(webhook=Webhook.objects.with_public_id(first).get()).public_id
    assert ticker.get(f"{ALL}/{first}/deliveries/{of_first}").status_code == 200
    assert ticker.get(f"{ALL}/{second}/deliveries/{of_first}").status_code == 404
    assert ticker.post(f"{ALL}/{second}/deliveries/{of_first}/replay").status_code == 404


def test_staff_see_all_and_change_what_their_scope_lets_them(
    api: ApiClientFactory,
    ticker: Any,
    receiver: Receiver,  # noqa: F811
) -> None:
    made = create(ticker, receiver)
    one = f"{ALL}/{made['id']}"
    reader = api(UserFactory.create(), scopes={"webhooks:read"})
    writer = api(UserFactory.create(), scopes={"webhooks:read", "webhooks:write"})
    assert [each["id"] for each in reader.get(ALL).json()["results"]] == [made["id"]]
    assert reader.patch(one, {"enabled": False}, format="json").status_code == 403
    assert writer.patch(one, {"enabled": False}, format="json").json()["enabled"] is False
    assert create(writer, receiver)["client_id"] == ""


@pytest.mark.parametrize("scopes", [set(), {"webhooks:write"}, {"authz:check"}])
def test_a_client_needs_the_scope_to_read_events(api: ApiClientFactory, scopes: set[str]) -> None:
    assert api(service="ticker", scopes=scopes).get(ALL).status_code == 403


def test_people_without_a_scope_and_with_that_of_clients_get_nothing(
    api: ApiClientFactory,
) -> None:
    person = UserFactory.create()
    assert api(person).get(ALL).status_code == 403
    assert api(person, scopes={"events:read"}).get(ALL).status_code == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "https://127.0.0.1/"}, "url"),
        ({}, "url"),
        ({"event_types": ["user.nothing.v1"]}, "event_types"),
        ({"event_types": ["nothing.*"]}, "event_types"),
        ({"event_types": [""]}, "event_types.0"),
        ({"description": "a\u0007b"}, "description"),
        ({"secret": "whsec_mine"}, "secret"),
    ],
)
def test_what_is_not_valid_is_told_by_its_field(
    ticker: Any,
    receiver: Receiver,  # noqa: F811
    body: dict[str, Any],
    field: str,
) -> None:
    known = {"url": receiver.url} if body and "url" not in body else {}
    if "127" in str(body):
        from django.conf import settings

        settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(
            update={"outbound_allowed_networks": []}
        )
    answer = ticker.post(ALL, known | body, format="json")
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_a_change_of_what_somebody_changed_meanwhile_is_refused(
    ticker: Any,
    receiver: Receiver,  # noqa: F811
) -> None:
    one = f"{ALL}/{create(ticker, receiver)['id']}"
    seen = ticker.get(one)["ETag"]
    change: Any = {"description": "Mine"}
    assert ticker.patch(one, change, format="json", headers={"If-Match": seen}).status_code == 200
    assert ticker.patch(one, change, format="json", headers={"If-Match": seen}).status_code == 412
    assert ticker.delete(one, headers={"If-Match": seen}).status_code == 412
    assert ticker.delete(one).status_code == 204
    assert ticker.get(one).status_code == 404


def test_deliveries_do_not_change_the_etag(ticker: Any, receiver: Receiver) -> None:  # noqa: F811
    one = f"{ALL}/{create(ticker, receiver)['id']}"
    seen = ticker.get(one)["ETag"]
    receiver.answer = 500
    happens()
    dispatch()
    assert ticker.get(one).json()["failures"] == 1
    assert ticker.get(one)["ETag"] == seen


def test_a_client_may_have_so_many(
    ticker: Any,
    receiver: Receiver,  # noqa: F811
    settings: Any,
) -> None:
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(
        update={"webhook_endpoints_per_owner": 1}
    )
    create(ticker, receiver)
    answer = ticker.post(ALL, {"url": receiver.url}, format="json")
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("/too-many-webhooks")


def test_a_test_is_on_the_list_of_deliveries_with_every_try(
    ticker: Any,
    receiver: Receiver,  # noqa: F811
) -> None:
    one = f"{ALL}/{create(ticker, receiver, event_types=['user.*'])['id']}"
    assert ticker.post(f"{one}/test").status_code == 202
    from events.tests.webhooks.making import fan_out_all

    fan_out_all(list(OutboxEvent.objects.filter(event_type="webhook.ping.v1")))
    OutboxEvent.objects.update(sequence=1)
    dispatch()
    [delivery] = ticker.get(f"{one}/deliveries?state=delivered").json()["results"]
    assert delivery["event_type"] == "webhook.ping.v1"
    assert delivery["event_id"] == receiver.ids[0]
    [attempt] = ticker.get(f"{one}/deliveries/{delivery['id']}").json()["log"]
    assert (attempt["number"], attempt["status"], attempt["error"]) == (1, 204, "")
    assert ticker.get(f"{one}/deliveries?state=dead").json()["results"] == []
    assert ticker.get(f"{one}/deliveries?state=lost").status_code == 400


def test_one_delivery_and_a_range_are_replayed(ticker: Any, receiver: Receiver) -> None:  # noqa: F811
    one = f"{ALL}/{create(ticker, receiver)['id']}"
    event = happens()
    dispatch()
    answer = ticker.post(f"{one}/deliveries/{delivery_of(event).public_id}/replay")
    assert (answer.status_code, answer.json()["state"]) == (202, "pending")
    dispatch()
    assert receiver.ids == [event.public_id] * 2

    range_of_time = {"begin": "2020-01-01T00:00:00Z", "end": "2099-01-01T00:00:00Z"}
    body = range_of_time | {"include_delivered": True}
    assert ticker.post(f"{one}/replay", body, format="json").json() == {"deliveries": 1}
    backwards = {"begin": range_of_time["end"], "end": range_of_time["begin"]}
    assert ticker.post(f"{one}/replay", backwards, format="json").status_code == 400


def test_a_disabled_webhook_is_told_so(ticker: Any, receiver: Receiver) -> None:  # noqa: F811
    one = f"{ALL}/{create(ticker, receiver)['id']}"
    ticker.patch(one, {"enabled": False}, format="json")
    assert ticker.get(one).json()["disabled_reason"] == "asked"
    assert ticker.post(f"{one}/test").json()["type"].endswith("/webhook-disabled")
    assert ticker.patch(one, {"enabled": True}, format="json").json()["disabled_at"] is None


def test_every_change_is_on_the_trail_without_the_address(
    ticker: Any,
    receiver: Receiver,  # noqa: F811
) -> None:
    one = f"{ALL}/{create(ticker, receiver)['id']}"
    ticker.patch(one, {"description": "x", "enabled": False}, format="json")
    ticker.patch(one, {"enabled": True}, format="json")
    ticker.delete(one)
    rows = AuthEvent.objects.filter(event_type__startswith="webhook.").order_by("event_id")
    assert [row.event_type for row in rows] == [
        "webhook.created",
        "webhook.updated",
        "webhook.disabled",
        "webhook.enabled",
        "webhook.deleted",
    ]
    assert rows[0].metadata["host"] == "localhost"
    assert not any("/hooks" in str(row.metadata) for row in rows)


def test_only_enabled_clients_with_the_scope_may_read_events() -> None:
    for name, scopes in (
        ("may", ["events:read"]),
        ("not", ["introspect"]),
        ("off", ["events:read"]),
    ):
        service_clients.create(name=name, client_id=name, scopes=scopes)
    service_clients.disable(client_id="off")
    assert subscribers.entitled({"may", "not", "off", "unknown", ""}) == {"may", ""}
