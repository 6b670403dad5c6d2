"""What receivers read: CloudEvents 1.0."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

from config.ids import new_uuid
from events.envelope import encode, envelope
from events.models import OutboxEvent
from events.tests.factories import OutboxEventFactory


def row(**fields: object) -> OutboxEvent:
    created_at = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
    return OutboxEventFactory.build(**{"created_at": created_at} | fields)


def test_the_envelope_has_the_attributes_of_cloudevents(environment: Callable[..., None]) -> None:
    environment(public_url="https://id.example")
    event = row(aggregate_id="thing_1", sequence=42, data={"number": 1})
    assert envelope(event) == {
        "specversion": "1.0",
        "id": event.public_id,
        "source": "https://id.example",
        "type": "test_events.thing.happened.v1",
        "subject": "thing_1",
        "time": "2026-01-02T03:04:05.678000Z",
        "datacontenttype": "application/json",
        "dataschema": "https://id.example/v1/events/schemas/test_events.thing.happened.v1",
        "sequence": "00000000000000000042",
        "data": {"number": 1},
    }


def test_without_a_public_address_the_source_is_our_name(environment: Callable[..., None]) -> None:
    environment(public_url="")
    assert envelope(row())["source"] == "/gatehouse"


def test_the_trace_goes_along_when_there_is_one() -> None:
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    assert envelope(row(traceparent=trace))["traceparent"] == trace
    assert "traceparent" not in envelope(row())


def test_sequences_sort_as_texts_as_they_do_as_numbers() -> None:
    texts = [envelope(row(sequence=number))["sequence"] for number in (9, 10, 2**63 - 1)]
    assert texts == sorted(texts)


def test_whatever_the_database_can_hold_can_be_sent() -> None:
    data = {"large": 2**70, "text": "नमस्ते ☃ \u2028"}
    event = row(id=new_uuid(), data=data)
    assert json.loads(encode(event))["data"] == data
