"""Faults between us and brokers, and of those who ask for brokers' credentials."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.proofs.alerts.fault import Fault
from tests.proofs.alerts.scene import Scene
from tests.waiting import wait_until
from trading.simulator.faults import Fault as BrokerFault

REFUSED = 60  # more than fifty are an alert


@contextmanager
def broker_silent(scene: Scene) -> Iterator[None]:
    scene.broker.queue_fault("*", BrokerFault(drop="before_headers"), times=1000)
    try:
        with scene.all_the_time(lambda _: scene.sync()):
            yield
    finally:
        scene.broker.clear_faults()
    scene.bring_back()


@contextmanager
def broker_throttles(scene: Scene) -> Iterator[None]:
    scene.broker.set_rate_limit(0.5)
    try:
        with scene.all_the_time(lambda _: scene.sync(), hands=2):
            yield
    finally:
        scene.broker.set_rate_limit(None)
    scene.bring_back()


@contextmanager
def syncs_halted(scene: Scene) -> Iterator[None]:
    with scene.halted("beat", "worker"):
        scene.sql(
            "UPDATE trading_tradingaccount SET last_synced_at = now() - interval '4 hours',"
            " linked_at = linked_at - interval '5 hours' WHERE status = 'active'"
        )
        yield
    scene.bring_back()


@contextmanager
def reads_refused(scene: Scene) -> Iterator[None]:
    """A login at the broker is over, and a service asks for its token again and again."""
    made = json.loads(
        scene.stack.manage(
            *("service_client", "create", "Stubborn", "--scope", "credentials:read"),
            *("--network", "127.0.0.0/8", "--network", "10.0.0.0/8", "--json"),
        )
    )
    scene.broker.end_sessions(user_id=scene.broker.sessions()[0].user_id)
    scene.sync()
    wait_until(lambda: bool(_over(scene)), "an account whose login is over")
    with scene.client("10.203.0.1") as client:
        form = {"grant_type": "client_credentials"}
        pair = (made["client_id"], made["client_secret"])
        token = client.post("/v1/oauth/token", data=form, auth=pair).raise_for_status().json()
        bearer = {"Authorization": f"Bearer {token['access_token']}"}
        for _ in range(REFUSED):
            client.post(f"/v1/internal/trading-accounts/{_over(scene)}/credentials", headers=bearer)
            time.sleep(0.1)  # ten a second are allowed
        yield


def _over(scene: Scene) -> str:
    """The account whose login is over, or ""."""
    found = [one["id"] for one in scene.accounts() if one["status"] == "reauth_required"]
    return found[0] if found else ""


FAULTS = (
    Fault(
        alerts=("BrokerCircuitOpen",),
        happens="the broker closes every connection without an answer",
        cause=broker_silent,
    ),
    Fault(
        alerts=("BrokerFailing",),
        happens="the broker answers 429 to most calls",
        cause=broker_throttles,
    ),
    Fault(
        alerts=("SyncsBehind",),
        happens="beat and worker hang, accounts last synced four hours ago",
        cause=syncs_halted,
    ),
    Fault(
        alerts=("CredentialReadsRefused",),
        happens=f"a service asks {REFUSED} times for credentials of an account whose login is over",
        cause=reads_refused,
    ),
)
