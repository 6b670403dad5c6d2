"""The CloudEvents envelope of an outbox row.

CloudEvents 1.0.2 in JSON (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md), with
the extensions `sequence` and `traceparent` of the same specification.
"""

import json
from datetime import UTC
from typing import Any

from django.conf import settings

from events.models import OutboxEvent

SEQUENCE_DIGITS = 20  # the extension wants a text that sorts as it counts; a bigint has 19 digits


def envelope(row: OutboxEvent) -> dict[str, Any]:
    """`subject` is what the event is about: the events of one subject have a rising `sequence`."""
    document = {
        "specversion": "1.0",
        "id": row.public_id,
        "source": settings.ENVIRONMENT.public_url or "/gatehouse",
        "type": row.event_type,
        "subject": row.aggregate_id,
        "time": row.created_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "dataschema": schema_url(row.event_type),
        "sequence": f"{row.sequence:0{SEQUENCE_DIGITS}}",
        "data": row.data,
    }
    if row.traceparent:
        document["traceparent"] = row.traceparent
    return document


def encode(row: OutboxEvent) -> bytes:
    """The envelope as it goes out. Takes whatever a jsonb can hold: one event must never stop those behind it."""
    return json.dumps(envelope(row), ensure_ascii=False, separators=(",", ":")).encode()


def schema_url(full_type: str) -> str:
    """Where the JSON Schema of `data` is served."""
    return f"{settings.ENVIRONMENT.public_url}/v1/events/schemas/{full_type}"
