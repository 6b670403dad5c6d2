"""Fixtures with a simulated broker. A `conftest.py` that wants them imports them by name."""

from collections.abc import Callable, Iterator

import pytest

from trading.simulator.client import SimulatorControl
from trading.simulator.server import SimulatorServer

REDIRECT_URL = "http://gatehouse.test/v1/trading-accounts/kite/callback"


@pytest.fixture(scope="session")
def simulator_server() -> Iterator[SimulatorServer]:
    """One simulator for the whole run of a worker, on a port of its own."""
    with SimulatorServer(demo_redirect_url=REDIRECT_URL) as server:
        yield server


@pytest.fixture
def levers(simulator_server: SimulatorServer) -> Iterator[SimulatorControl]:
    """The levers of a simulator that has just been reset; it has no request limit until a test sets one."""
    simulator_server.control.reset()
    yield simulator_server.control
    simulator_server.control.reset()


@pytest.fixture
def kite_at_simulator(
    levers: SimulatorControl,
    simulator_server: SimulatorServer,
    environment: Callable[..., None],
) -> SimulatorControl:
    """The Kite adapter speaks to the simulator."""
    environment(
        kite_api_url=simulator_server.url,
        kite_login_url=simulator_server.login_url,
    )
    return levers
