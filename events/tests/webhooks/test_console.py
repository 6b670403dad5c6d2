"""Webhooks and deliveries on the console."""

import pytest
from django.test import Client

from events.models import DeliveryState, Webhook, WebhookDelivery
from events.tests.staff import browser_of
from events.tests.webhooks.making import delivery_of, dispatch, happens, make_webhook
from events.tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db

WEBHOOKS = "/console/events/webhook/"
DELIVERIES = "/console/events/webhookdelivery/"


def act(browser: Client, page: str, action: str, row: Webhook | WebhookDelivery) -> None:
    browser.post(page, {"action": action, "_selected_action": [str(row.pk)]}, follow=True)


def test_staff_see_webhooks_and_deliveries_and_no_secret(receiver: Receiver) -> None:
    admin = browser_of("admin")
    issued = make_webhook(receiver.url)
    event = happens()
    receiver.answer = 500
    dispatch()
    delivery = delivery_of(event)
    pages = [
        admin.get(WEBHOOKS),
        admin.get(f"{WEBHOOKS}{issued.webhook.pk}/change/"),
        admin.get(f"{DELIVERIES}?state__exact=pending"),
        admin.get(f"{DELIVERIES}?q={issued.webhook.public_id}"),
        admin.get(f"{DELIVERIES}{delivery.pk}/change/"),
    ]
    for page in pages:
        assert page.status_code == 200
        assert issued.webhook.public_id in page.content.decode()
        assert issued.secret not in page.content.decode()
    assert "refused" in pages[-1].content.decode()


def test_staff_deliver_again(receiver: Receiver) -> None:
    admin = browser_of("admin")
    make_webhook(receiver.url)
    event = happens()
    dispatch()
    act(admin, DELIVERIES, "replay", delivery_of(event))
    dispatch()
    assert receiver.ids == [event.public_id] * 2


def test_staff_disable_enable_and_test(receiver: Receiver) -> None:
    admin = browser_of("admin")
    webhook = make_webhook(receiver.url).webhook
    act(admin, WEBHOOKS, "disable", webhook)
    webhook.refresh_from_db()
    assert not webhook.is_enabled
    refused = admin.post(
        WEBHOOKS, {"action": "send_test", "_selected_action": [str(webhook.pk)]}, follow=True
    )
    assert "The webhook is disabled" in refused.content.decode()
    act(admin, WEBHOOKS, "enable", webhook)
    webhook.refresh_from_db()
    assert webhook.is_enabled


def test_those_who_may_only_look_change_nothing(receiver: Receiver) -> None:
    support = browser_of("support")
    webhook = make_webhook(receiver.url).webhook
    event = happens()
    dispatch()
    assert support.get(WEBHOOKS).status_code == 200
    act(support, WEBHOOKS, "disable", webhook)
    act(support, DELIVERIES, "replay", delivery_of(event))
    webhook.refresh_from_db()
    assert webhook.is_enabled
    assert delivery_of(event).state == DeliveryState.DELIVERED
    assert browser_of("user").get(WEBHOOKS).status_code in (302, 403)
