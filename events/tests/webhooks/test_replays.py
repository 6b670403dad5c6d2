"""Deliveries made again, and how long they are remembered."""

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import AuthEvent
from events.errors import ReplayTooLargeError, WebhookDisabledError
from events.models import DeliveryState, OutboxEvent, WebhookAttempt, WebhookDelivery
from events.services import retention
from events.services.webhooks import endpoints, replays
from events.tests.factories import OutboxEventFactory
from events.tests.webhooks.making import delivery_of, dispatch, happens, make_webhook
from events.tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def dead(event: OutboxEvent) -> WebhookDelivery:
    delivery = delivery_of(event)
    delivery.state, delivery.finished_at = DeliveryState.DEAD, timezone.now()
    delivery.save()
    return delivery


def test_a_dead_letter_is_sent_again_under_the_same_id(receiver: Receiver) -> None:
    webhook = make_webhook(receiver.url).webhook
    event = happens()
    replays.replay_one(webhook_id=webhook.pk, delivery_id=dead(event).pk)
    dispatch()
    assert receiver.ids == [event.public_id]
    assert delivery_of(event).state == DeliveryState.DELIVERED
    assert AuthEvent.objects.get(event_type="webhook.replayed").metadata["deliveries"] == 1


def test_a_range_holds_what_did_not_get_through_and_what_was_never_tried(
    receiver: Receiver,
) -> None:
    webhook = make_webhook(receiver.url).webhook
    begin = timezone.now()
    delivered = happens()
    dispatch()
    letter = happens()
    dead(letter)
    endpoints.update(webhook_id=webhook.pk, enabled=False)
    missed = happens()
    endpoints.update(webhook_id=webhook.pk, enabled=True)
    receiver.messages.clear()
    end = timezone.now() + HOUR

    assert replays.replay_range(webhook_id=webhook.pk, begin=begin, end=end) == 2
    dispatch()
    assert sorted(receiver.ids) == sorted([letter.public_id, missed.public_id])

    again = replays.replay_range(
        webhook_id=webhook.pk, begin=begin, end=end, include_delivered=True
    )
    assert again == 3
    dispatch()
    assert delivered.public_id in receiver.ids
    assert replays.replay_range(webhook_id=webhook.pk, begin=end, end=end + HOUR) == 0


def test_a_disabled_webhook_is_not_replayed_to(receiver: Receiver) -> None:
    webhook = make_webhook(receiver.url).webhook
    delivery = dead(happens())
    endpoints.update(webhook_id=webhook.pk, enabled=False)
    with pytest.raises(WebhookDisabledError):
        replays.replay_one(webhook_id=webhook.pk, delivery_id=delivery.pk)


def test_a_range_may_be_too_large(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replays, "MOST", 2)
    webhook = make_webhook(receiver.url).webhook
    OutboxEventFactory.create_batch(3, sent_at=timezone.now())
    now = timezone.now()
    with pytest.raises(ReplayTooLargeError):
        replays.replay_range(webhook_id=webhook.pk, begin=now - HOUR, end=now + HOUR)


def test_an_event_is_kept_as_long_as_a_delivery_speaks_of_it(receiver: Receiver) -> None:
    make_webhook(receiver.url)
    event = happens()
    dispatch()
    OutboxEvent.objects.update(sent_at=timezone.now() - timedelta(days=8))
    retention.prune_outbox()
    assert OutboxEvent.objects.filter(pk=event.pk).exists()

    WebhookDelivery.objects.update(finished_at=timezone.now() - timedelta(days=15))
    assert retention.prune_deliveries() == 1
    assert not WebhookAttempt.objects.exists()
    retention.prune_outbox()
    assert not OutboxEvent.objects.filter(pk=event.pk).exists()


def test_what_waits_is_not_forgotten(receiver: Receiver) -> None:
    make_webhook(receiver.url)
    happens()
    WebhookDelivery.objects.update(created_at=timezone.now() - timedelta(days=90))
    assert retention.prune_deliveries() == 0
