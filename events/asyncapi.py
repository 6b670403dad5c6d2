"""The AsyncAPI 3 document: on which channels events come, in what envelope, with what data.

https://www.asyncapi.com/docs/reference/specification/v3.0.0. Made from the published schemas and the event classes, as
the service sends them: nothing in it is written by hand twice.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.conf import settings

from events import schemas
from events.domain import DomainEvent
from events.envelope import SEQUENCE_DIGITS, schema_url
from events.services.publishing import CHANNEL_PREFIX, STREAM

VERSION = "3.0.0"
ENVELOPE = "CloudEvent"
Document = dict[str, Any]


def document() -> Document:
    """The whole document. Types of tests and types that are no longer sent are not in it."""
    events = {
        name: event
        for name, event in sorted(DomainEvent.registry.items())
        if name in schemas.catalogue()
    }
    channels = {"stream": _stream(events)} | _pub_sub(events)
    return {
        "asyncapi": VERSION,
        "id": f"{settings.ENVIRONMENT.public_url or 'urn:gatehouse'}",
        "info": {
            "title": "Gatehouse events",
            "version": "1",
            "description": "Whatever changes, told in CloudEvents 1.0: at least once, and in order for each subject. "
            "The stream is for whoever must miss nothing, Pub/Sub for whoever wants to hear now; webhooks carry "
            "the same messages.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": channels,
        "operations": {f"send_{name}": _sending(name) for name in channels},
        "components": {
            "messages": {name: _message(name, event) for name, event in events.items()},
            "schemas": {ENVELOPE: _envelope()},
        },
    }


def _stream(names: Iterable[str]) -> Document:
    return _channel(
        STREAM,
        "A Redis stream, to be read with a consumer group; the field `event` of an entry is the message.",
        names,
    )


def _pub_sub(events: dict[str, type[DomainEvent]]) -> dict[str, Document]:
    """A channel of Redis' Pub/Sub for each that an event class names."""
    by_channel: dict[str, list[str]] = defaultdict(list)
    for name, event in events.items():
        by_channel[event.channel or event.event_type].append(name)
    return {
        channel: _channel(CHANNEL_PREFIX + channel, "A channel of Redis' Pub/Sub.", names)
        for channel, names in sorted(by_channel.items())
    }


def _channel(address: str, description: str, names: Iterable[str]) -> Document:
    return {
        "address": address,
        "description": description,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
    }


def _sending(channel: str) -> Document:
    return {"action": "send", "channel": {"$ref": f"#/channels/{_pointer(channel)}"}}


def _pointer(name: str) -> str:
    """RFC 6901 section 3."""
    return name.replace("~", "~0").replace("/", "~1")


def _message(name: str, event: type[DomainEvent]) -> Document:
    data = {key: value for key, value in schemas.catalogue()[name].items() if key != "$schema"}
    return {
        "name": name,
        "title": name,
        "summary": schemas.description_of(event) or name,
        "contentType": "application/cloudevents+json",
        "payload": {
            "allOf": [
                {"$ref": f"#/components/schemas/{ENVELOPE}"},
                {
                    "type": "object",
                    "properties": {
                        "type": {"const": name},
                        "dataschema": {"const": schema_url(name)},
                        "data": data,
                    },
                },
            ]
        },
    }


def _envelope() -> Document:
    text = {"type": "string"}
    return {
        "type": "object",
        "description": "CloudEvents 1.0 in JSON, with the extensions sequence and traceparent.",
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {
                "type": "string",
                "description": "Stays the same however often the event comes.",
            },
            "source": {"type": "string", "format": "uri-reference"},
            "type": text,
            "subject": {"type": "string", "description": "What the event is about."},
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"const": "application/json"},
            "dataschema": {"type": "string", "format": "uri-reference"},
            "sequence": {
                "type": "string",
                "pattern": f"^[0-9]{{{SEQUENCE_DIGITS}}}$",
                "description": "Rises with the events of one subject; compare it as text.",
            },
            "traceparent": text,
            "data": {"type": "object"},
        },
        "required": [
            "specversion",
            "id",
            "source",
            "type",
            "subject",
            "time",
            "datacontenttype",
            "dataschema",
            "sequence",
            "data",
        ],
    }
