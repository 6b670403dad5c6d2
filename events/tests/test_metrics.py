"""How much waits, as the metrics tell it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from config.vault import sealing
from events.metrics import outbox_facts, webhook_facts
from events.models import OutboxEvent, Webhook, WebhookDelivery
from events.services.webhooks import signatures
from events.tests.factories import OutboxEventFactory

pytestmark = pytest.mark.django_db


def facts() -> dict[str, float]:
    return {sample.name: sample.value for family in outbox_facts() for sample in family.samples}


def test_an_empty_outbox_is_not_late() -> None:
    OutboxEventFactory.create(sent_at=timezone.now())
    assert facts() == {
        "gatehouse_outbox_pending": 0,
        "gatehouse_outbox_oldest_age_seconds": 0,
        "gatehouse_outbox_set_aside": 0,
    }


def test_the_backlog_and_the_age_of_its_oldest_event_are_told() -> None:
    OutboxEventFactory.create_batch(2)
    oldest = OutboxEventFactory.create()
    OutboxEvent.objects.filter(id=oldest.id).update(created_at=timezone.now() - timedelta(hours=1))
    told = facts()
    assert told["gatehouse_outbox_pending"] == 3
    assert 3600 <= told["gatehouse_outbox_oldest_age_seconds"] < 3700


def test_what_was_set_aside_is_told_and_makes_the_outbox_neither_long_nor_late() -> None:
    OutboxEventFactory.create(set_aside_at=timezone.now())
    told = facts()
    assert (told["gatehouse_outbox_set_aside"], told["gatehouse_outbox_pending"]) == (1, 0)


def test_webhooks_and_their_deliveries_are_told_by_their_state() -> None:
    now = timezone.now()
    url, secret = "https://hooks.example/", signatures.new_secret()
    webhooks = [
        Webhook(url=url, **more) for more in ({}, {"paused_until": now + timedelta(days=1)})
    ]
    webhooks.append(Webhook(url=url, disabled_reason="asked", disabled_at=now))
    for webhook in webhooks:
        sealing.seal_field(webhook, "secret", secret)
        webhook.save()
    for state in ("pending", "dead", "dead", "delivered"):
        WebhookDelivery.objects.create(
            webhook=webhooks[0],
            event=OutboxEventFactory.create(),
            state=state,
            next_attempt_at=now,
            give_up_at=now,
            finished_at=None if state == "pending" else now,
        )
    told = {
        (sample.name, *sample.labels.values()): sample.value
        for family in webhook_facts()
        for sample in family.samples
    }
    assert told == {
        ("gatehouse_webhook_pending",): 1,
        ("gatehouse_webhook_dead_letters",): 2,
        ("gatehouse_webhooks", "enabled"): 1,
        ("gatehouse_webhooks", "paused"): 1,
        ("gatehouse_webhooks", "disabled"): 1,
    }
