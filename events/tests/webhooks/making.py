"""Webhooks and deliveries for tests, and a dispatcher that works until nothing is due."""

from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from config.telemetry import planted_secrets
from config.vault import sealing
from events.models import OutboxEvent, Webhook, WebhookDelivery
from events.services.stop import Stop
from events.services.webhooks import endpoints, signatures
from events.services.webhooks.dispatcher import Dispatcher
from events.services.webhooks.endpoints import IssuedWebhookSecret
from events.services.webhooks.fan_out import fan_out
from events.tests.factories import OutboxEventFactory


def make_webhook(url: str, *, owner: str = "ticker", **given: Any) -> IssuedWebhookSecret:
    issued = endpoints.create(owner=owner, url=url, **given)
    planted_secrets.add(issued.secret)
    return issued


def happens(**given: Any) -> OutboxEvent:
    """An event that has just been sent, with its deliveries."""
    event = OutboxEventFactory.create(sent_at=timezone.now(), **given)
    fan_out_all([event])
    return event


def fan_out_all(events: Sequence[OutboxEvent]) -> int:
    with transaction.atomic():
        return fan_out(events)


def dispatch(concurrency: int = 8) -> int:
    """Try what is due; returns how many tries that were."""
    with closing(Stop()) as stop:
        return Dispatcher(concurrency=concurrency, stop=stop).drain()


def delivery_of(event: OutboxEvent) -> WebhookDelivery:
    return WebhookDelivery.objects.get(event=event)


def hurry() -> None:
    """Let the time pass that deliveries and endpoints wait."""
    past = timezone.now() - timedelta(seconds=1)
    WebhookDelivery.objects.pending().update(next_attempt_at=past)
    Webhook.objects.exclude(paused_until=None).update(paused_until=past)


def a_delivery() -> WebhookDelivery:
    """One of a webhook that nobody has looked up the host of."""
    webhook = Webhook(owner="ticker", url="https://hooks.example/")
    sealing.seal_field(webhook, "secret", signatures.new_secret())
    webhook.save()
    now = timezone.now()
    return WebhookDelivery.objects.create(
        webhook=webhook, event=OutboxEventFactory.create(), next_attempt_at=now, give_up_at=now
    )
