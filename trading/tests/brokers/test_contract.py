"""Every registered broker keeps the contract."""

from collections.abc import Callable

import pytest

from trading.brokers.registry import broker_names
from trading.simulator.client import SimulatorControl
from trading.tests.brokers.contract import BrokerContract, Desk
from trading.tests.brokers.desks import KiteDesk, PaperDesk

DESKS: dict[str, Callable[[SimulatorControl], Desk]] = {"kite": KiteDesk, "paper": PaperDesk}


@pytest.mark.django_db
class TestEveryBroker(BrokerContract):
    @pytest.fixture(params=sorted(DESKS))
    def desk(
        self,
        request: pytest.FixtureRequest,
        kite_at_simulator: SimulatorControl,
        environment: Callable[..., None],
    ) -> Desk:
        environment(broker_read_timeout=0.25)
        return DESKS[request.param](kite_at_simulator)


def test_no_broker_is_without_a_desk_here() -> None:
    assert set(broker_names()) == set(DESKS)
