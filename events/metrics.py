"""What the events floor measures."""

from collections.abc import Iterator

from prometheus_client.metrics_core import Metric

from config.telemetry.metrics import counter, fact, histogram
from events.models import OutboxEvent

RELAYED = counter(
    "events_relayed_total",
    "Events that a relay tried to send, by what became of it",
    ["type", "outcome"],
)
RELAY_DURATION = histogram(
    "relay_duration_seconds", "Time that a relay took for one batch, database included", ["outcome"]
)


def outbox_facts() -> Iterator[Metric]:
    """How much is waiting to be sent, and for how long the oldest of it has."""
    backlog = OutboxEvent.objects.backlog()
    yield fact(
        "outbox_pending",
        "Committed events that are not on the stream yet",
        (),
        [((), backlog.pending)],
    )
    yield fact(
        "outbox_oldest_age_seconds",
        "Age of the oldest event that is not on the stream yet; 0 when there is none",
        (),
        [((), backlog.oldest_age)],
    )
