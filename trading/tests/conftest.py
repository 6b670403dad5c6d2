"""A broker that listens, and people who have accounts with it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts.models import User
from accounts.tests.factories import UserFactory
from authz.tests import shipped_rules
from events.domain import DomainEvent
from events.signals import domain_event
from trading.brokers import circuit
from trading.simulator.server import SimulatorServer
from trading.tests.trader import Trader

TraderFactory = Callable[..., Trader]


@pytest.fixture
def heard() -> Iterator[list[DomainEvent]]:
    """The domain events that were emitted during the test, in order."""
    events: list[DomainEvent] = []

    def listen(event: DomainEvent, **_: Any) -> None:
        events.append(event)

    domain_event.connect(listen)
    yield events
    domain_event.disconnect(listen)


@pytest.fixture
def shipped_policies(db: None) -> None:
    """The roles and policies that come with the product."""
    shipped_rules.install()


@pytest.fixture(scope="session")
def running_simulator() -> Iterator[SimulatorServer]:
    with SimulatorServer() as server:
        yield server


@pytest.fixture
def simulator(running_simulator: SimulatorServer, environment: Any) -> Iterator[SimulatorServer]:
    """Kite, as far as this test can tell: a real socket, and nothing of other tests in it."""
    running_simulator.control.reset()
    circuit.forget("kite")
    environment(
        kite_api_url=running_simulator.url,
        kite_login_url=running_simulator.login_url,
        sync_backoff=0.0,
        sync_patience=5.0,
    )
    yield running_simulator
    running_simulator.control.reset()


@pytest.fixture
def trader(simulator: SimulatorServer, api: Any, db: None) -> TraderFactory:
    """`trader()` is somebody with an app and a login at the broker; `trader(user, broker_user=…)` names them."""

    def build(user: User | None = None, **given: Any) -> Trader:
        person = user or UserFactory.create()
        return Trader(
            user=person,
            api=api(person, acr="mfa"),
            control=simulator.control,
            **given,
        )

    return build
