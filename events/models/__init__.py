from events.models.outbox import Aggregate, Backlog, OutboxEvent, OutboxQuerySet
from events.models.webhook import DisabledReason, Webhook, WebhookQuerySet
from events.models.webhook_delivery import (
    DeliveryQuerySet,
    DeliveryState,
    WebhookAttempt,
    WebhookDelivery,
)

__all__ = [
    "Aggregate",
    "Backlog",
    "DeliveryQuerySet",
    "DeliveryState",
    "DisabledReason",
    "OutboxEvent",
    "OutboxQuerySet",
    "Webhook",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookQuerySet",
]
