"""What the events floor measures."""

from collections.abc import Iterator

from prometheus_client.metrics_core import Metric

from config.telemetry.metrics import counter, fact, histogram
from events.models import OutboxEvent, Webhook, WebhookDelivery

RELAYED = counter(
    "events_relayed_total",
    "Events that a relay tried to send, by what became of it",
    ["type", "outcome"],
)
RELAY_DURATION = histogram(
    "relay_duration_seconds", "Time that a relay took for one batch, database included", ["outcome"]
)

WEBHOOK_DELIVERIES = counter(
    "webhook_deliveries_total", "Tries to deliver to a webhook, by what became of it", ["outcome"]
)
WEBHOOK_DURATION = histogram(
    "webhook_delivery_duration_seconds",
    "Time until a webhook had answered, or had not",
    ["outcome"],
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
    yield fact(
        "outbox_set_aside",
        "Events that Redis refused again and again, set aside for staff",
        (),
        [((), OutboxEvent.objects.set_aside().count())],
    )


def webhook_facts() -> Iterator[Metric]:
    """What waits for webhooks, what did not get through, and which webhooks get nothing."""
    deliveries, webhooks = WebhookDelivery.objects.all(), Webhook.objects.all()
    yield fact(
        "webhook_pending",
        "Deliveries that wait for their first or next try",
        (),
        [((), deliveries.pending().count())],
    )
    yield fact(
        "webhook_dead_letters",
        "Deliveries that were given up and not replayed",
        (),
        [((), deliveries.dead().count())],
    )
    yield fact(
        "webhooks",
        "Webhooks, by what becomes of their events",
        ("state",),
        [((state,), number) for state, number in webhooks.by_state().items()],
    )
