"""Webhooks and deliveries on the console."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuthEvent
from config.telemetry import planted_secrets
from events.models import DeliveryState, Webhook, WebhookDelivery
from events.services.webhooks import signatures
from events.services.webhooks.claiming import claim
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


def rotate(browser: Client, *webhooks: Webhook) -> str:
    chosen = [str(webhook.pk) for webhook in webhooks]
    answer = browser.post(
        WEBHOOKS, {"action": "rotate_secret", "_selected_action": chosen}, follow=True
    )
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_new_secret_is_shown_once_and_signs_beside_the_former(receiver: Receiver) -> None:
    admin = browser_of("admin")
    issued = make_webhook(receiver.url)
    page = rotate(admin, issued.webhook)
    [shown] = re.findall(r"whsec_[\w+/=]+", page)
    planted_secrets.add(shown)
    happens()
    [parcel] = claim(limit=1)
    assert [signatures.shown(secret) for secret in parcel.secrets] == [shown, issued.secret]
    assert shown not in admin.get(WEBHOOKS).content.decode()
    assert AuthEvent.objects.filter(event_type="webhook.secret_rotated").exists()


def test_one_secret_at_a_time(receiver: Receiver) -> None:
    admin = browser_of("admin")
    webhooks = [make_webhook(receiver.url).webhook for _ in range(2)]
    assert "Choose one webhook" in rotate(admin, *webhooks)
    assert not AuthEvent.objects.filter(event_type="webhook.secret_rotated").exists()


def test_dead_letters_of_a_range_are_delivered_again(receiver: Receiver) -> None:
    admin = browser_of("admin")
    webhook = make_webhook(receiver.url).webhook
    dead, delivered = happens(), happens()
    dispatch()
    delivery = delivery_of(dead)
    delivery.state, delivery.finished_at = DeliveryState.DEAD, timezone.now()
    delivery.save()
    link = f"{DELIVERIES}?q={webhook.public_id}&amp;state__exact=dead"
    assert link in admin.get(WEBHOOKS).content.decode()

    page = f"{WEBHOOKS}{webhook.pk}/replay-range/"
    assert webhook.url in admin.get(page).content.decode()
    hour = timedelta(hours=1)
    begin, end = (
        f"{moment:%Y-%m-%dT%H:%M}" for moment in (timezone.now() - hour, timezone.now() + hour)
    )
    answer = admin.post(page, {"begin": begin, "end": end}, follow=True)
    assert "1 are on their way" in answer.content.decode()
    dispatch()
    assert receiver.ids.count(dead.public_id) == 2
    assert receiver.ids.count(delivered.public_id) == 1
    assert link not in admin.get(WEBHOOKS).content.decode()


def test_a_range_that_makes_no_sense_or_is_refused_is_told_in_the_form(receiver: Receiver) -> None:
    admin = browser_of("admin")
    webhook = make_webhook(receiver.url).webhook
    page = f"{WEBHOOKS}{webhook.pk}/replay-range/"
    backwards = {"begin": "2026-11-02T00:00", "end": "2026-11-01T00:00"}
    assert "later than the beginning" in admin.post(page, backwards).content.decode()
    act(admin, WEBHOOKS, "disable", webhook)
    forwards = {"begin": "2026-11-01T00:00", "end": "2026-11-02T00:00"}
    assert "The webhook is disabled" in admin.post(page, forwards).content.decode()


def test_those_who_may_only_look_get_no_secret_and_replay_nothing(receiver: Receiver) -> None:
    support = browser_of("support")
    webhook = make_webhook(receiver.url).webhook
    assert "whsec_" not in rotate(support, webhook)
    page = f"{WEBHOOKS}{webhook.pk}/replay-range/"
    assert support.get(page).status_code in (302, 403)
    assert not AuthEvent.objects.filter(event_type="webhook.secret_rotated").exists()
