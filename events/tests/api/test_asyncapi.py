"""`/v1/events/asyncapi`, and events as other people's libraries read them."""

import json
from typing import Any

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from django.test import Client
from jsonschema import Draft7Validator, Draft202012Validator
from referencing import Registry, Resource

from events import schemas
from events.domain import DomainEvent
from events.envelope import encode
from events.services.webhooks.sending import CONTENT_TYPE
from events.tests.factories import OutboxEventFactory
from tests.node import tooling

DOCUMENT = "/v1/events/asyncapi"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture(scope="module")
def document() -> Any:
    answer = Client().get(DOCUMENT)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "public, max-age=3600"
    return answer.json()


@pytest.mark.timeout(400)  # the first to need Node's packages installs them
def test_it_is_valid_by_the_schema_of_asyncapi(document: Any) -> None:
    folder = tooling.install() / "node_modules/@asyncapi/specs/schemas"
    validator = Draft7Validator(json.loads((folder / "3.0.0.json").read_text()))
    assert [error.message for error in validator.iter_errors(document)] == []
    assert list(validator.iter_errors(document | {"channels": []}))


def test_every_type_that_is_sent_is_on_the_stream_and_on_its_channel(document: Any) -> None:
    sent = DomainEvent.registry.keys() & schemas.catalogue().keys()
    channels = document["channels"]
    assert channels["stream"]["address"] == "gatehouse:events"
    assert channels["stream"]["messages"].keys() == document["components"]["messages"].keys()
    assert document["components"]["messages"].keys() == sent
    for name in sent:
        event = DomainEvent.registry[name]
        channel = channels[event.channel or event.event_type]
        assert channel["address"] == f"user_service.{event.channel or event.event_type}"
        assert name in channel["messages"]
    assert document["operations"].keys() == {f"send_{name}" for name in channels}


@pytest.mark.django_db
def test_an_event_is_what_the_document_says(document: Any) -> None:
    data = {"webhook_id": "whk_1", "client_id": "ticker"}
    row = OutboxEventFactory.create(event_type="webhook.ping.v1", data=data)
    registry = Registry().with_resource("urn:document", Resource.opaque(document))
    payload = "urn:document#/components/messages/webhook.ping.v1/payload"
    check = Draft202012Validator({"$ref": payload}, registry=registry)
    event = json.loads(encode(row))
    assert check.is_valid(event)
    assert not check.is_valid(event | {"type": "user.created.v1"})
    assert not check.is_valid(event | {"data": {}})


@pytest.mark.django_db
def test_the_cloudevents_sdk_reads_our_events() -> None:
    row = OutboxEventFactory.create(data={"number": 7}, traceparent=TRACE)
    headers = {"content-type": CONTENT_TYPE}
    event = from_http_event(HTTPMessage(headers=headers, body=encode(row)))
    assert (event.get_id(), event.get_type()) == (row.public_id, row.event_type)
    assert (event.get_subject(), event.get_data()) == (row.aggregate_id, {"number": 7})
    assert event.get_time() == row.created_at
    assert event.get_extension("traceparent") == TRACE
    assert event.get_extension("sequence") == f"{row.sequence:020}"
