"""Nobody holds a lock while the key service takes its time."""

from typing import Any

import pytest

from config.vault.models import DataKey
from config.vault.tests.outage import KeyService, WatchedKeyService
from events.errors import TooManyWebhooksError
from events.models import Webhook, WebhookDelivery
from events.services.webhooks import endpoints, signatures
from events.services.webhooks.claiming import claim
from events.tests.webhooks.making import happens, hurry, make_webhook
from events.tests.webhooks.receiver import Receiver


@pytest.mark.django_db(transaction=True)
def test_making_a_webhook_replacing_its_secret_and_delivering_ask_it_outside_of_transactions(
    receiver: Receiver, watched_key_service: WatchedKeyService
) -> None:
    webhook = make_webhook(receiver.url).webhook
    assert watched_key_service.asked == ["wrap", "unwrap"]

    watched_key_service.forget()
    endpoints.rotate_secret(webhook_id=webhook.pk)
    assert set(watched_key_service.asked) == {"unwrap"}

    watched_key_service.forget()
    happens()
    assert len(claim(limit=1)) == 1
    assert set(watched_key_service.asked) == {"unwrap"}


@pytest.mark.django_db
def test_a_secret_that_somebody_replaced_meanwhile_is_the_one_that_is_on_its_way_out(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook = make_webhook(receiver.url).webhook
    sealed_for = endpoints._sealed_beside_the_former
    between: list[str] = []

    def seal(seen: Webhook, secret: bytes) -> Webhook:
        sealed = sealed_for(seen, secret)
        if not between:
            between.append("begun")
            between.append(endpoints.rotate_secret(webhook_id=webhook.pk).secret)
        return sealed

    monkeypatch.setattr(endpoints, "_sealed_beside_the_former", seal)
    issued = endpoints.rotate_secret(webhook_id=webhook.pk)

    happens()
    [parcel] = claim(limit=1)
    shown = [signatures.shown(secret) for secret in parcel.secrets]
    assert shown == [issued.secret, between[1]]


@pytest.mark.django_db
def test_of_a_webhook_too_many_no_key_is_left(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, environment: Any
) -> None:
    """Two come at once, and both see room."""
    environment(webhook_endpoints_per_owner=1)
    make_webhook(receiver.url)
    seen: list[str] = []
    demand_room = endpoints._demand_room

    def late(owner: str) -> None:
        seen.append(owner)
        if len(seen) > 1:
            demand_room(owner)

    monkeypatch.setattr(endpoints, "_demand_room", late)
    with pytest.raises(TooManyWebhooksError):
        make_webhook(receiver.url)
    assert DataKey.objects.live().filter(subject_kind="webhook").count() == 1


@pytest.mark.django_db
def test_what_was_taken_is_put_back_when_the_secret_does_not_open(
    receiver: Receiver, key_service: KeyService
) -> None:
    make_webhook(receiver.url)
    happens()
    key_service.leave()
    assert claim(limit=1) == []
    delivery = WebhookDelivery.objects.get()
    assert (delivery.lease, delivery.leased_until) == (None, None)
    assert Webhook.objects.get().paused_until is not None

    key_service.come_back()
    hurry()
    assert len(claim(limit=1)) == 1
