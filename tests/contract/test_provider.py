"""Our consumers get from us what their pacts say. There is no broker: the pacts are files beside this one."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from django.db import transaction
from django.utils import timezone
from pact import Verifier
from pact.types import Message
from pytest_django.live_server_helper import LiveServer

from accounts.events.sessions import SessionAnomaly
from accounts.models import User
from accounts.models.session import SignInMethod
from accounts.services import service_clients, sessions, signing_keys, status, tokens
from accounts.services.sessions import Device
from accounts.tests.factories import UserFactory
from authz.tests import shipped_rules
from config.ids import new_uuid, parse_public_id, public_id
from config.telemetry import planted_secrets
from events.domain import emit
from events.envelope import encode
from events.models import OutboxEvent
from tests.contract.consumers import PROVIDER, alerter, ticker, web
from trading.models import AccountStatus
from trading.tests.factories import active_account

pytestmark = pytest.mark.django_db(transaction=True)
PACTS = Path(__file__).parent / "pacts"
LOOPBACK = "127.0.0.0/8"


@pytest.fixture(autouse=True)
def _house() -> None:
    shipped_rules.install()
    signing_keys.ensure_first()


def in_state(*states: str) -> dict[str, Any]:
    """Every state is brought about before the first question; a pact with another one fails."""
    return dict.fromkeys(states, lambda **_: None)


def verified(verifier: Verifier) -> None:
    """Ask us all that the pact asks. The library stops its own little servers, and leaves their sockets open."""
    try:
        verifier.verify()
    finally:
        for started in (verifier._message_producer, verifier._state_handler):
            server = getattr(started, "_server", None)
            if server is not None:
                server.server_close()


def token_of_the_ticker(url: str) -> str:
    issued = service_clients.create(
        name="Ticker", scopes={"authz:check", "credentials:read"}, networks=[LOOPBACK]
    )
    planted_secrets.add(issued.secret)
    answer = requests.post(
        f"{url}/v1/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(issued.client.client_id, issued.secret),
        timeout=60,
    )
    return str(answer.json()["access_token"])


def test_the_ticker(live_server: LiveServer) -> None:
    person = UserFactory.create(id=parse_public_id("usr", ticker.PERSON))
    active_account(id=parse_public_id("acc", ticker.ACCOUNT), owner=person)
    active_account(id=parse_public_id("acc", ticker.STRANGERS))
    waiting = active_account(id=parse_public_id("acc", ticker.WAITING), owner=person)
    waiting.status = AccountStatus.REAUTH_REQUIRED
    waiting.reauth_by = timezone.now() - timedelta(hours=1)
    waiting.save()
    verified(
        Verifier(PROVIDER)
        .add_transport(url=live_server.url)
        .add_source(PACTS / f"ticker-{PROVIDER}.json")
        .add_custom_header("Authorization", f"Bearer {token_of_the_ticker(live_server.url)}")
        .state_handler(
            in_state(
                "the person owns an active account",
                "the account is somebody else's",
                "the account waits for the day's login",
            )
        )
    )


def test_the_web_client(live_server: LiveServer) -> None:
    asha = UserFactory.create(email=web.EMAIL, name="Asha Rao", password=web.PASSPHRASE)
    session = sessions.begin(user=asha, method=SignInMethod.PASSWORD, amr=("pwd",), device=Device())
    verified(
        Verifier(PROVIDER)
        .add_transport(url=live_server.url)
        .add_source(PACTS / f"web-{PROVIDER}.json")
        .add_custom_header("Authorization", f"Bearer {tokens.pair(session).access_token}")
        .state_handler(in_state("Asha has an account without a second factor", "Asha is signed in"))
    )


def test_the_alerter() -> None:
    person: User = UserFactory.create()
    with transaction.atomic():
        emit(
            SessionAnomaly(
                user_id=person.public_id,
                session_id=public_id("ses", new_uuid()),
                kind="refresh_token_reuse",
            )
        )
    status.suspend(user=person, reason="a test")

    def told(kind: str) -> Message:
        row = OutboxEvent.objects.get(event_type=kind)
        return {"contents": encode(row), "content_type": "application/json", "metadata": None}

    verified(
        Verifier(PROVIDER)
        .message_handler(
            {
                alerter.ANOMALY: told("user.session.anomaly.v1"),
                alerter.SUSPENSION: told("user.suspended.v1"),
            }
        )
        .add_source(PACTS / f"alerter-{PROVIDER}.json")
    )
