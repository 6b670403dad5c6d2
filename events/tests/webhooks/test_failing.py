"""What becomes of deliveries that fail, and of endpoints that do."""

import threading
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from django.utils import timezone

from config.http.tests.https_server import answering
from events.models import DeliveryState, DisabledReason, OutboxEvent, Webhook
from events.services import retention
from events.services.webhooks.settling import pause_before
from events.tests.webhooks.making import delivery_of, dispatch, happens, hurry, make_webhook
from events.tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db


def waits(event: OutboxEvent) -> float:
    return (delivery_of(event).next_attempt_at - timezone.now()).total_seconds()


def change(settings: Any, **variables: Any) -> None:
    """Beside what the receiver's fixture has changed."""
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update=variables)


def test_a_failed_delivery_comes_again_under_the_same_id(receiver: Receiver) -> None:
    issued = make_webhook(receiver.url)
    event = happens()
    receiver.answer = 500
    assert dispatch() == 1
    assert delivery_of(event).state == DeliveryState.PENDING
    assert 3 < waits(event) < 7

    receiver.answer = 200
    hurry()
    assert dispatch() == 1

    assert receiver.ids == [event.public_id] * 2
    receiver.messages[1].verified_with(issued.secret)
    assert delivery_of(event).state == DeliveryState.DELIVERED
    assert [one.status for one in delivery_of(event).log.order_by("number")] == [500, 200]


def test_the_pauses_grow_and_are_never_quite_the_same() -> None:
    pauses = [pause_before(retry).total_seconds() for retry in range(1, 15)]
    for pause, about in zip(pauses, [5, 20, 80, 320, 1280, 5120, *[14400] * 8], strict=True):
        assert 0.8 * about <= pause <= 1.2 * about
    assert len({pause_before(14) for _ in range(10)}) > 1
    assert 8 < sum(pauses[:12]) / 3600 < 30  # about a day's worth


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_respected_for_the_whole_endpoint(receiver: Receiver, form: str) -> None:
    webhook = make_webhook(receiver.url).webhook
    event = happens()
    moment = timezone.now() + timedelta(seconds=600)
    value = "600" if form == "seconds" else format_datetime(moment, usegmt=True)
    receiver.answer = answering(b"", 429, Retry_After=value)
    dispatch()
    assert 590 < waits(event) <= 601

    happens()
    assert dispatch() == 0
    webhook.refresh_from_db()
    assert webhook.paused_until is not None


@pytest.mark.parametrize(
    "value",
    [
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Mon, 01 Jan 2024 00:00:00 +9999999999999999",
        "soon",
    ],
)
def test_a_retry_after_that_is_no_date_holds_up_nobody(receiver: Receiver, value: str) -> None:
    make_webhook(receiver.url)
    event = happens()
    receiver.answer = answering(b"", 503, Retry_After=value)

    assert dispatch() == 1

    assert [one.error for one in delivery_of(event).log.all()] == ["refused"]
    assert 3 < waits(event) < 7


def test_a_retry_after_beyond_reason_is_not(receiver: Receiver, settings: Any) -> None:
    change(settings, webhook_longest_retry=3600)
    make_webhook(receiver.url)
    event = happens()
    receiver.answer = answering(b"", 503, Retry_After="99999999999999999999")
    dispatch()
    assert 3500 < waits(event) <= 3601


def test_after_its_time_a_delivery_is_a_dead_letter(receiver: Receiver, settings: Any) -> None:
    change(settings, webhook_retry_for=60, webhook_first_retry=40.0)
    make_webhook(receiver.url)
    event = happens()
    receiver.answer = 500
    dispatch()
    assert delivery_of(event).state == DeliveryState.PENDING
    hurry()
    dispatch()
    assert delivery_of(event).state == DeliveryState.DEAD
    hurry()
    assert dispatch() == 0


def test_an_endpoint_that_is_gone_is_disabled_and_everybody_told(receiver: Receiver) -> None:
    webhook = make_webhook(receiver.url).webhook
    event = happens()
    receiver.answer = 410
    dispatch()
    webhook.refresh_from_db()
    assert webhook.disabled_reason == DisabledReason.GONE
    assert delivery_of(event).state == DeliveryState.DEAD
    told = OutboxEvent.objects.get(event_type="webhook.disabled.v1")
    assert told.data == {
        "webhook_id": webhook.public_id,
        "client_id": "ticker",
        "reason": "gone",
    }
    happens()
    assert dispatch() == 0


def test_a_redirect_is_a_failure_and_is_not_followed(receiver: Receiver) -> None:
    make_webhook(receiver.url)
    event = happens()
    receiver.answer = answering(b"", 307, Location=receiver.server.url("/elsewhere"))
    dispatch()
    assert (delivery_of(event).status, delivery_of(event).error) == (307, "redirected")
    assert receiver.server.paths == ["/hooks"]


def test_an_endpoint_that_does_not_answer_in_time_is_too_slow(
    receiver: Receiver, settings: Any
) -> None:
    change(settings, webhook_timeout=0.2)
    make_webhook(receiver.url)
    event = happens()
    done = threading.Event()

    def silent(_: Any) -> None:
        done.wait(60)

    receiver.answer = silent
    try:
        dispatch()
    finally:
        done.set()
    assert (delivery_of(event).status, delivery_of(event).error) == (None, "too_slow")


def test_after_failures_in_a_row_the_endpoint_is_left_alone_then_tried_with_one(
    receiver: Receiver, settings: Any
) -> None:
    change(settings, webhook_circuit_failures=3, webhook_endpoint_concurrency=1)
    webhook = make_webhook(receiver.url).webhook
    events = [happens() for _ in range(6)]
    receiver.answer = 500

    assert dispatch() == 3
    webhook.refresh_from_db()
    assert (webhook.failures, webhook.is_enabled) == (3, True)
    assert webhook.paused_until is not None

    hurry()
    assert dispatch() == 1
    receiver.answer = 200
    hurry()
    assert dispatch() == 6
    webhook.refresh_from_db()
    assert webhook.failures == 0
    assert (webhook.failing_since is None, webhook.paused_until is None) == (True, True)
    assert {delivery_of(event).state for event in events} == {DeliveryState.DELIVERED}


def test_an_endpoint_that_fails_for_days_is_disabled(receiver: Receiver) -> None:
    webhook = make_webhook(receiver.url).webhook
    receiver.answer = 500
    happens()
    dispatch()
    webhook.refresh_from_db()
    assert webhook.is_enabled
    Webhook.objects.update(failing_since=timezone.now() - timedelta(days=5, seconds=1))
    hurry()
    dispatch()
    webhook.refresh_from_db()
    assert webhook.disabled_reason == DisabledReason.FAILING


def test_what_waits_for_a_disabled_webhook_ends_as_dead_letters(receiver: Receiver) -> None:
    webhook = make_webhook(receiver.url).webhook
    event, fresh = happens(), happens()
    Webhook.objects.filter(pk=webhook.pk).update(
        disabled_reason=DisabledReason.ASKED, disabled_at=timezone.now()
    )
    webhook.deliveries.filter(event=event).update(give_up_at=timezone.now())
    assert retention.give_up_deliveries() == 1
    assert delivery_of(event).state == DeliveryState.DEAD
    assert delivery_of(fresh).state == DeliveryState.PENDING


def test_of_a_refusal_the_log_has_a_short_line_without_secrets(receiver: Receiver) -> None:
    make_webhook(receiver.url)
    event = happens()
    secret = "gh_cs_" + "k3Yb9" * 8
    body = f"Bad\n\x00 request: password={secret} {'x ' * 5000}".encode()
    receiver.answer = answering(body, 400)
    dispatch()
    excerpt = delivery_of(event).log.get().excerpt
    assert excerpt.startswith("Bad request")
    assert secret not in excerpt
    assert len(excerpt) <= 200
    assert excerpt.isprintable()


def test_an_answer_that_never_ends_is_not_read(receiver: Receiver) -> None:
    make_webhook(receiver.url)
    event = happens()
    receiver.answer = answering(b"x" * 1_000_000, 200)
    dispatch()
    assert delivery_of(event).error == "too_large"
