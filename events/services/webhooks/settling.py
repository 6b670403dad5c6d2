"""What follows from a try: delivered, tried again, a dead letter; and what is thought of the endpoint."""

import random
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from events.metrics import WEBHOOK_DELIVERIES, WEBHOOK_DURATION
from events.models import DeliveryState, DisabledReason, Webhook, WebhookAttempt, WebhookDelivery
from events.services.webhooks.claiming import Parcel
from events.services.webhooks.endpoints import disable
from events.services.webhooks.sending import GONE, Outcome

FACTOR = 4  # between one pause and the next
LONGEST_PAUSE = timedelta(hours=1)
BUSY = frozenset({429, 503})  # whose Retry-After speaks for the endpoint, not for one delivery


def settle(parcel: Parcel, outcome: Outcome) -> None:
    """Write down a try and what follows from it.

    A try that ended after its lease is written down too; it decides nothing but that the delivery was made.
    """
    with transaction.atomic():
        if outcome.delivered:
            Webhook.objects.reset_circuit(parcel.webhook_id)
        else:
            _doubt(parcel, outcome)
        delivery = WebhookDelivery.objects.select_for_update().filter(pk=parcel.delivery_id).first()
        if delivery is None:  # deleted with its webhook
            return
        _log(delivery, outcome)
        _decide(delivery, parcel, outcome)
        delivery.save()
    WEBHOOK_DELIVERIES.labels(_said_of(delivery, outcome)).inc()
    WEBHOOK_DURATION.labels("delivered" if outcome.delivered else "failed").observe(
        outcome.duration_ms / 1000
    )


def pause_before(retry: int) -> timedelta:
    """How long to wait before the `retry`-th further try: longer each time, and never quite the same."""
    environment = settings.ENVIRONMENT
    longest = float(environment.webhook_longest_retry)
    seconds = min(longest, environment.webhook_first_retry * FACTOR ** min(retry - 1, 16))
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311 - spreads the load, hides nothing


def _decide(delivery: WebhookDelivery, parcel: Parcel, outcome: Outcome) -> None:
    if delivery.state != DeliveryState.PENDING:
        return
    if outcome.delivered:
        _finish(delivery, DeliveryState.DELIVERED)
    elif delivery.lease == parcel.lease:
        now = timezone.now()
        delivery.retries += 1
        delivery.lease = delivery.leased_until = None
        delivery.next_attempt_at = now + max(_asked_for(outcome), pause_before(delivery.retries))
        if outcome.status == GONE or delivery.next_attempt_at >= delivery.give_up_at:
            _finish(delivery, DeliveryState.DEAD)


def _finish(delivery: WebhookDelivery, state: DeliveryState) -> None:
    delivery.state, delivery.finished_at = state, timezone.now()
    delivery.lease = delivery.leased_until = None


def _log(delivery: WebhookDelivery, outcome: Outcome) -> None:
    delivery.attempts += 1
    delivery.status, delivery.error = outcome.status, outcome.error
    WebhookAttempt.objects.create(
        delivery=delivery,
        number=delivery.attempts,
        status=outcome.status,
        error=outcome.error,
        duration_ms=outcome.duration_ms,
        excerpt=outcome.excerpt,
    )


def _doubt(parcel: Parcel, outcome: Outcome) -> None:
    """One more failure of the endpoint: it is left alone, or given up."""
    webhook = Webhook.objects.locked().filter(pk=parcel.webhook_id).first()
    if webhook is None:
        return
    now, environment = timezone.now(), settings.ENVIRONMENT
    webhook.failures += 1
    webhook.failing_since = webhook.failing_since or now
    webhook.paused_until = _paused_until(webhook, outcome, now)
    # Not `updated_at`: the ETag is about what people edit.
    webhook.save(update_fields=["failures", "failing_since", "paused_until"])
    if outcome.status == GONE:
        disable(webhook, reason=DisabledReason.GONE)
    elif now - webhook.failing_since >= timedelta(seconds=environment.webhook_disable_after):
        disable(webhook, reason=DisabledReason.FAILING)


def _paused_until(webhook: Webhook, outcome: Outcome, now: datetime) -> datetime | None:
    pause = _asked_for(outcome) if outcome.status in BUSY else timedelta()
    beyond = webhook.failures - settings.ENVIRONMENT.webhook_circuit_failures
    if beyond >= 0:
        first = timedelta(seconds=settings.ENVIRONMENT.webhook_circuit_pause)
        pause = max(pause, min(LONGEST_PAUSE, first * 2 ** min(beyond, 16)))
    return now + pause if pause else None


def _asked_for(outcome: Outcome) -> timedelta:
    """What Retry-After asks for, within reason."""
    longest = settings.ENVIRONMENT.webhook_longest_retry
    return timedelta(seconds=min(outcome.retry_after or 0, longest))


def _said_of(delivery: WebhookDelivery, outcome: Outcome) -> str:
    if outcome.delivered:
        return "delivered"
    return "dead" if delivery.state == DeliveryState.DEAD else "failed"
