"""Faults on the way of events."""

from collections.abc import Iterator
from contextlib import contextmanager

from config.devstack import ports
from tests.proofs.alerts.fault import Fault
from tests.proofs.alerts.scene import Scene
from tests.proofs.crowd import bring_in

NO_ONES_ENDPOINT = """
from events.services.webhooks.endpoints import create
for number in range({count}):
    create(owner="", url=f"https://127.0.0.1:{port}/{{number}}", event_types=["user.created.v1"])
"""
GIVEN_UP = 12  # more than ten are an alert; of one endpoint five would be, until its circuit opens
ENDPOINTS, NEWCOMERS = 26, 40  # more than a thousand deliveries
ACL = "ACL SETUSER default"


@contextmanager
def relay_halted(scene: Scene) -> Iterator[None]:
    with scene.halted("relay_events"):
        bring_in(scene.stack, ["of-whom-nobody-hears"])
        yield


@contextmanager
def channel_forbidden(scene: Scene) -> Iterator[None]:
    """As an ACL of Redis does that has forgotten one: of people nothing can be told."""
    with scene.valkey.client() as client:
        client.execute_command(*f"{ACL} resetchannels &[^u]* &user_service.[^u]*".split())
        bring_in(scene.stack, ["refused-by-redis"])
        try:
            yield
        finally:
            client.execute_command(*f"{ACL} allchannels".split())
    scene.stack.manage("replay_events", "--set-aside")


@contextmanager
def endpoints_refuse(scene: Scene) -> Iterator[None]:
    scene.python(NO_ONES_ENDPOINT.format(count=GIVEN_UP, port=ports.any_free()))
    bring_in(scene.stack, ["told-in-vain"])
    yield
    _forget_webhooks(scene)


@contextmanager
def dispatcher_halted(scene: Scene) -> Iterator[None]:
    with scene.halted("deliver_webhooks"):
        scene.python(NO_ONES_ENDPOINT.format(count=ENDPOINTS, port=ports.any_free()))
        bring_in(scene.stack, [f"newcomer{n}" for n in range(NEWCOMERS)])
        yield
        _forget_webhooks(scene)


def _forget_webhooks(scene: Scene) -> None:
    scene.sql("DELETE FROM events_webhookdelivery")
    scene.sql("DELETE FROM events_webhook")


FAULTS = (
    Fault(alerts=("OutboxBehind",), happens="the relay hangs", cause=relay_halted),
    Fault(
        alerts=("EventsSetAside",),
        happens="an ACL of Valkey forbids the channel of some events",
        cause=channel_forbidden,
    ),
    Fault(
        alerts=("WebhookDeadLetters",),
        happens=f"nobody listens at the addresses of {GIVEN_UP} webhooks",
        cause=endpoints_refuse,
        resolves=0,  # its window is an hour
    ),
    Fault(
        alerts=("WebhooksBehind",),
        happens=f"the dispatcher hangs, {ENDPOINTS} webhooks want {NEWCOMERS} events",
        cause=dispatcher_halted,
    ),
)
