"""Deliveries made again, because the receiver lost them or never got them."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from events.domain import emit
from events.errors import DeliveryNotFoundError, ReplayTooLargeError, WebhookDisabledError
from events.events import WebhookReplayed
from events.models import DeliveryQuerySet, OutboxEvent, Webhook, WebhookDelivery
from events.services.webhooks import fan_out
from events.services.webhooks.endpoints import locked

MOST = 10_000  # events in one replay: it is one transaction


def replay_one(*, webhook_id: UUID, delivery_id: UUID) -> WebhookDelivery:
    """Send one again, whatever became of it; one that is waiting is tried now.

    Raises WebhookNotFoundError, DeliveryNotFoundError, WebhookDisabledError.
    """
    with transaction.atomic():
        webhook = _enabled(webhook_id)
        chosen = WebhookDelivery.objects.filter(webhook=webhook, pk=delivery_id)
        if not _start_again(chosen):
            raise DeliveryNotFoundError
        _tell(webhook, 1)
        return chosen.get()


def replay_range(
    *, webhook_id: UUID, begin: datetime, end: datetime, include_delivered: bool = False
) -> int:
    """Send what happened from `begin` on and before `end` and did not get through: dead letters, and what was never
    tried because the webhook was disabled. With `include_delivered` the rest too. Returns how many.

    Raises WebhookNotFoundError, WebhookDisabledError, and ReplayTooLargeError for more than 10,000 events.
    """
    with transaction.atomic():
        webhook = _enabled(webhook_id)
        happened = OutboxEvent.objects.sent().between(begin, end)
        if happened[: MOST + 1].count() > MOST:
            raise ReplayTooLargeError(f"The range holds more than {MOST} events.")
        own = WebhookDelivery.objects.filter(webhook=webhook).between(begin, end)
        again = _start_again(own.finished() if include_delivered else own.dead())
        missed = happened.exclude(deliveries__webhook=webhook).kept()
        made = fan_out.make(list(missed), [webhook])
        if again + made:
            _tell(webhook, again + made)
        return again + made


def _start_again(deliveries: DeliveryQuerySet) -> int:
    return deliveries.start_again(
        timezone.now(), retry_for=timedelta(seconds=settings.ENVIRONMENT.webhook_retry_for)
    )


def _enabled(webhook_id: UUID) -> Webhook:
    webhook = locked(webhook_id)
    if not webhook.is_enabled:
        raise WebhookDisabledError
    return webhook


def _tell(webhook: Webhook, deliveries: int) -> None:
    emit(
        WebhookReplayed(
            webhook_id=webhook.public_id, client_id=webhook.owner, deliveries=deliveries
        )
    )
    fan_out.wake_dispatchers()
