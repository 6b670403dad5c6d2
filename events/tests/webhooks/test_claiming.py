"""Who takes which delivery, and how many at once."""

import threading
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from config.http.tests.https_server import answering
from config.telemetry import watched_process
from events.models import DeliveryState, WebhookAttempt, WebhookDelivery
from events.services.stop import Stop
from events.services.webhooks.claiming import claim
from events.services.webhooks.dispatcher import Dispatcher
from events.services.webhooks.sending import Outcome
from events.services.webhooks.settling import settle
from events.tests.threads import threads
from events.tests.webhooks.making import delivery_of, dispatch, fan_out_all, happens, make_webhook
from events.tests.webhooks.receiver import Receiver
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db

GOOD = Outcome(status=204)
BAD = Outcome(status=500, error="refused")


def leases_end() -> None:
    WebhookDelivery.objects.exclude(leased_until=None).update(
        leased_until=timezone.now() - timedelta(seconds=1)
    )


def test_no_more_of_an_endpoint_are_taken_than_may_be_under_way(receiver: Receiver) -> None:
    make_webhook(receiver.url)
    for _ in range(6):
        happens()
    assert len(claim(limit=100)) == 4
    assert claim(limit=100) == []


def test_a_busy_endpoint_leaves_room_for_others(receiver: Receiver) -> None:
    busy = make_webhook(receiver.url).webhook
    for _ in range(6):
        happens()
    assert {parcel.webhook_id for parcel in claim(limit=100)} == {busy.pk}
    other = make_webhook(receiver.url, owner="other").webhook
    happens()
    assert {parcel.webhook_id for parcel in claim(limit=100)} == {other.pk}


def test_what_a_dead_dispatcher_held_goes_to_the_next_under_the_same_id(
    receiver: Receiver,
) -> None:
    make_webhook(receiver.url)
    event = happens()
    [lost] = claim(limit=1)
    assert claim(limit=1) == []
    leases_end()
    [found] = claim(limit=1)
    assert found.message_id == lost.message_id == event.public_id
    assert found.lease != lost.lease


def test_a_try_that_ends_after_its_lease_decides_nothing_when_it_failed(
    receiver: Receiver,
) -> None:
    make_webhook(receiver.url)
    event = happens()
    [late] = claim(limit=1)
    leases_end()
    [current] = claim(limit=1)
    settle(late, BAD)
    assert delivery_of(event).lease == current.lease
    settle(current, GOOD)
    assert delivery_of(event).state == DeliveryState.DELIVERED
    settle(late, BAD)
    assert delivery_of(event).state == DeliveryState.DELIVERED
    assert WebhookAttempt.objects.count() == 3


def test_nothing_is_settled_of_a_webhook_that_was_deleted_meanwhile(receiver: Receiver) -> None:
    webhook = make_webhook(receiver.url).webhook
    happens()
    [parcel] = claim(limit=1)
    webhook.delete()
    settle(parcel, GOOD)
    settle(parcel, BAD)
    assert not WebhookAttempt.objects.exists()


def test_a_parcel_shows_no_secret(receiver: Receiver) -> None:
    make_webhook(receiver.url)
    happens()
    [parcel] = claim(limit=1)
    assert "secrets" not in repr(parcel)
    assert receiver.url not in repr(parcel)


@pytest.mark.django_db(transaction=True)
def test_two_dispatchers_take_each_delivery_once_and_keep_to_the_limit(receiver: Receiver) -> None:
    make_webhook(receiver.url)
    events = [happens() for _ in range(24)]
    both = threading.Barrier(2)

    def work() -> int:
        both.wait()
        return dispatch(concurrency=8)

    with threads(2) as pool:
        first, second = pool.run(work), pool.run(work)
    made = first.result() + second.result()
    dispatch()

    assert sorted(receiver.ids) == sorted(event.public_id for event in events)
    assert made <= 24
    assert receiver.most_at_once <= 4


@pytest.mark.django_db(transaction=True)
def test_a_slow_endpoint_keeps_no_other_waiting(receiver: Receiver, tmp_path: Any) -> None:
    slow_done = threading.Event()
    slow = make_webhook(receiver.server.url("/slow"), owner="slow").webhook
    fast = make_webhook(receiver.server.url("/fast"), owner="fast").webhook

    def answer(request: Any) -> None:
        if request.path == "/slow":
            slow_done.wait(30)
        answering(b"", 200)(request)

    receiver.answer = answer
    events = [happens() for _ in range(8)]
    of_fast = WebhookDelivery.objects.filter(webhook=fast, state=DeliveryState.DELIVERED)
    of_slow = WebhookDelivery.objects.filter(webhook=slow, state=DeliveryState.DELIVERED)
    with closing(Stop()) as stop, threads(1) as pool:
        running = pool.run(Dispatcher(concurrency=6, stop=stop).run)
        try:
            wait_until(lambda: of_fast.count() == len(events), "the fast endpoint has them all")
            assert of_slow.count() == 0
        finally:
            slow_done.set()
        wait_until(lambda: of_slow.count() == len(events), "the slow endpoint has them too")
        stop.wish()
    assert running.result() == 16


@pytest.mark.django_db(transaction=True)
def test_a_dispatcher_at_work_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(Stop()) as stop:
        monkeypatch.setattr(watched_process, "beat", stop.wish)
        assert Dispatcher(concurrency=1, stop=stop).run() == 0


@pytest.mark.django_db(transaction=True)
def test_a_webhook_that_is_deleted_while_events_are_sent_stops_no_relay(
    receiver: Receiver,
) -> None:
    from events.services.webhooks import endpoints
    from events.tests.factories import OutboxEventFactory

    webhooks = [make_webhook(receiver.url, owner=f"c{number}").webhook for number in range(6)]
    events = OutboxEventFactory.create_batch(20)
    both = threading.Barrier(2)

    def relay() -> None:
        both.wait()
        for event in events:
            fan_out_all([event])

    def delete() -> None:
        both.wait()
        for webhook in webhooks:
            endpoints.delete(webhook_id=webhook.pk)

    with threads(2) as pool:
        done = [pool.run(relay), pool.run(delete)]
    for one in done:
        one.result()
    assert not WebhookDelivery.objects.exists()
