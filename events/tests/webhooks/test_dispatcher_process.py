"""Dispatchers as processes, one of them killed with a delivery in hand."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings as django_settings

from events.models import DeliveryState, WebhookDelivery
from events.tests.processes import PATIENCE, environment_of_the_tests
from events.tests.webhooks.making import delivery_of, happens, make_webhook
from events.tests.webhooks.receiver import Receiver
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def dispatcher(receiver: Receiver) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "deliver_webhooks"],
        cwd=django_settings.BASE_DIR,
        env=environment_of_the_tests()
        | {
            "OUTBOUND_ALLOWED_NETWORKS": "127.0.0.0/8,::1/128",
            "OUTBOUND_CA_FILE": str(receiver.server.ca_file),
            "WEBHOOK_LEASE": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        print(process.communicate(timeout=PATIENCE)[0])


def test_a_delivery_whose_dispatcher_was_killed_comes_again_with_the_same_id(
    receiver: Receiver,
) -> None:
    """It makes the webhook for the platform: no client has to be there."""
    issued = make_webhook(receiver.url, owner="")
    event = happens()
    hold = threading.Event()

    def silent(request: Any) -> None:
        hold.wait(PATIENCE)

    receiver.answer = silent
    with dispatcher(receiver) as process:
        wait_until(lambda: receiver.messages, "it is in mid-delivery")
        process.kill()
        process.wait()
    hold.set()
    assert delivery_of(event).state == DeliveryState.PENDING

    receiver.answer = 200
    with dispatcher(receiver) as process:
        delivered = WebhookDelivery.objects.filter(state=DeliveryState.DELIVERED)
        wait_until(delivered.exists, "the next one delivers it")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0

    assert receiver.ids == [event.public_id] * 2
    for message in receiver.messages:
        message.verified_with(issued.secret)
