"""What a reader of the stream finds there."""

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import redis

from events.models import OutboxEvent
from events.services.relay import STREAM

Envelope = dict[str, Any]


def stream(client: "redis.Redis") -> list[Envelope]:
    """Every envelope on the stream, in its order."""
    entries: Any = client.xrange(STREAM)
    return [json.loads(entry[b"event"]) for _, entry in entries]


def first_arrivals(envelopes: Iterable[Envelope]) -> dict[str, list[Envelope]]:
    """For each subject its events as a reader sees them who skips the ids that it knows."""
    arrived: dict[str, list[Envelope]] = defaultdict(list)
    known: set[str] = set()
    for envelope in envelopes:
        if envelope["id"] not in known:
            known.add(envelope["id"])
            arrived[envelope["subject"]].append(envelope)
    return arrived


def assert_all_arrived_in_order(client: "redis.Redis") -> None:
    """Every event of the outbox is on the stream under its id, and each aggregate's came in the order of commits."""
    arrived = first_arrivals(stream(client))
    expected: dict[str, list[str]] = defaultdict(list)
    for row in OutboxEvent.objects.in_order():
        expected[row.aggregate_id].append(row.public_id)
    assert {subject: [e["id"] for e in seen] for subject, seen in arrived.items()} == expected
    assert OutboxEvent.objects.pending().count() == 0
