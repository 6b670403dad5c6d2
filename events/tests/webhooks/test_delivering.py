"""From an event to a receiver that verifies it."""

import json
import time
from typing import Any

import pytest
import standardwebhooks
from django.db import transaction

from config.redis import client
from events import subscribers
from events.domain import DomainEvent, emit
from events.models import DeliveryState, Webhook, WebhookDelivery
from events.services.relay import relay_batch
from events.services.webhooks import endpoints
from events.tests.factories import OutboxEventFactory, ThingHappened, new_thing
from events.tests.processes import Valkey
from events.tests.webhooks.making import (
    delivery_of,
    dispatch,
    fan_out_all,
    happens,
    make_webhook,
)
from events.tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db


def tell(event: DomainEvent) -> None:
    with transaction.atomic():
        emit(event)


@pytest.mark.django_db(transaction=True)
def test_what_was_committed_reaches_the_endpoint_signed(receiver: Receiver, valkey: Valkey) -> None:
    issued = make_webhook(receiver.url, event_types=["test_events.*"])
    thing = new_thing()
    tell(ThingHappened(thing_id=thing, number=7))

    relay_batch(client=client(), limit=10)
    assert dispatch() == 1

    [message] = receiver.messages
    event = message.verified_with(issued.secret)
    assert event == message.event
    assert (event["type"], event["subject"]) == (ThingHappened.full_type(), thing)
    assert event["data"]["number"] == 7
    assert message.id == event["id"]
    assert message.headers["content-type"].startswith("application/cloudevents+json")


def test_a_changed_body_or_another_secret_does_not_verify(receiver: Receiver) -> None:
    issued = make_webhook(receiver.url)
    other = make_webhook(receiver.url, owner="other", event_types=["user.*"])
    happens()
    dispatch()
    [message] = receiver.messages

    with pytest.raises(standardwebhooks.WebhookVerificationError):
        message.verified_with(other.secret)
    message.body += b" "
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        message.verified_with(issued.secret)


def test_while_a_secret_is_replaced_both_verify(
    receiver: Receiver, environment: Any, settings: Any
) -> None:
    old = make_webhook(receiver.url)
    new = endpoints.rotate_secret(webhook_id=old.webhook.pk)
    happens()
    dispatch()
    receiver.messages[0].verified_with(old.secret)
    receiver.messages[0].verified_with(new.secret)

    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"webhook_secret_overlap": 0})
    newest = endpoints.rotate_secret(webhook_id=old.webhook.pk)
    happens()
    dispatch()
    receiver.messages[1].verified_with(newest.secret)
    for former in (old, new):
        with pytest.raises(standardwebhooks.WebhookVerificationError):
            receiver.messages[1].verified_with(former.secret)


def test_only_the_types_that_are_wanted_come(receiver: Receiver) -> None:
    make_webhook(receiver.url, event_types=["user.created.v1", "user.session.*"])
    wanted = [happens(event_type="user.created.v1"), happens(event_type="user.session.ended.v1")]
    happens(event_type="user.created.v2")
    happens(event_type="user.suspended.v1")
    happens(event_type="user.sessions.v1")
    dispatch()
    assert sorted(receiver.ids) == sorted(row.public_id for row in wanted)


def test_a_webhook_gets_nothing_that_happened_before_it_was_made(receiver: Receiver) -> None:
    before = OutboxEventFactory.create()
    make_webhook(receiver.url)
    assert fan_out_all([before]) == 0


def test_an_event_that_is_relayed_twice_is_delivered_once(receiver: Receiver) -> None:
    make_webhook(receiver.url)
    event = happens()
    dispatch()
    fan_out_all([event])
    dispatch()
    assert receiver.ids == [event.public_id]


def test_each_webhook_has_its_own_delivery(receiver: Receiver) -> None:
    secrets = [make_webhook(receiver.url, owner=owner).secret for owner in ("ticker", "orders")]
    happens()
    assert dispatch() == 2
    for message, secret in zip(_by_signature(receiver, secrets), secrets, strict=True):
        message.verified_with(secret)
    assert len(set(receiver.ids)) == 1


def _by_signature(receiver: Receiver, secrets: list[str]) -> Any:
    for secret in secrets:
        webhook = standardwebhooks.Webhook(secret)
        for message in receiver.messages:
            try:
                webhook.verify(message.body, message.headers)
            except standardwebhooks.WebhookVerificationError:
                continue
            yield message


def test_a_ping_comes_to_the_one_webhook_whatever_it_wants(receiver: Receiver) -> None:
    webhook = make_webhook(receiver.url, event_types=["user.*"]).webhook
    make_webhook(receiver.url, owner="other")
    endpoints.ping(webhook_id=webhook.pk)
    from events.models import OutboxEvent

    fan_out_all(list(OutboxEvent.objects.filter(event_type="webhook.ping.v1")))
    assert [one.webhook_id for one in WebhookDelivery.objects.all()] == [webhook.pk]


def test_a_client_that_may_not_read_events_any_more_gets_none(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_webhook(receiver.url)
    on_its_way = happens()
    monkeypatch.setattr(subscribers._registered, "entitled", lambda clients: ())

    assert dispatch() == 0
    happens()

    assert receiver.messages == []
    assert WebhookDelivery.objects.get() == delivery_of(on_its_way)
    assert delivery_of(on_its_way).state == DeliveryState.PENDING


def test_while_nobody_says_who_may_read_events_no_client_gets_any(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_webhook(receiver.url)
    of_platform = make_webhook(receiver.url, owner="").webhook
    monkeypatch.setattr(subscribers._registered, "entitled", None)
    happens()
    assert [one.webhook for one in WebhookDelivery.objects.all()] == [of_platform]


def test_the_log_has_every_try_and_no_secret(receiver: Receiver) -> None:
    issued = make_webhook(receiver.url)
    event = happens()
    dispatch()
    delivery = delivery_of(event)
    assert (delivery.state, delivery.status, delivery.error) == (DeliveryState.DELIVERED, 204, "")
    [attempt] = delivery.log.all()
    assert (attempt.number, attempt.status, attempt.error, attempt.excerpt) == (1, 204, "", "")
    stored = json.dumps(list(Webhook.objects.values()), default=str)
    assert issued.secret not in stored
    assert issued.secret.removeprefix("whsec_") not in stored


def test_the_timestamp_is_that_of_the_try(receiver: Receiver) -> None:
    make_webhook(receiver.url)
    happens()
    dispatch()
    assert abs(int(receiver.messages[0].headers["webhook-timestamp"]) - time.time()) < 60
