"""Calls to a broker are counted by what came of them, and timed."""

import pytest
from prometheus_client import REGISTRY

from trading.brokers.base import BrokerError
from trading.brokers.observation import observed
from trading.simulator.client import SimulatorControl
from trading.tests.brokers.contract import make
from trading.tests.brokers.desks import KITE_ROUTES, KiteDesk


def counted(call: str, outcome: str) -> float:
    labels = {"broker": "kite", "call": call, "outcome": outcome}
    return REGISTRY.get_sample_value("gatehouse_broker_requests_total", labels) or 0


def timed(call: str) -> float:
    labels = {"broker": "kite", "call": call}
    name = "gatehouse_broker_request_duration_seconds_count"
    return REGISTRY.get_sample_value(name, labels) or 0


@pytest.mark.parametrize(
    ("call", "trap", "outcome"),
    [
        ("complete_login", None, "ok"),
        ("complete_login", "TokenException", "login_refused"),
        ("complete_login", "maintenance", "outcome_unknown"),
        ("profile", "TokenException", "session_ended"),
        ("profile", "throttled", "throttled"),
        ("margins", "PermissionException", "refused"),
        ("end_session", "dropped_before_headers", "unavailable"),
    ],
)
def test_a_call_is_counted_by_its_outcome(
    kite_at_simulator: SimulatorControl, call: str, trap: str | None, outcome: str
) -> None:
    desk = KiteDesk(kite_at_simulator)
    token = desk.request_token()
    if trap is not None:
        kite_at_simulator.queue_fault(KITE_ROUTES[call], trap)
    before = counted(call, outcome), timed(call)
    if trap is None:
        make(desk, call, token=token)
    else:
        with pytest.raises(BrokerError):
            make(desk, call, token=token)
    assert (counted(call, outcome), timed(call)) == (before[0] + 1, before[1] + 1)


def test_a_fault_of_our_own_is_counted_as_failed() -> None:
    before = counted("profile", "failed")
    with pytest.raises(ZeroDivisionError), observed(broker="kite", call="profile"):
        _ = 1 // 0
    assert counted("profile", "failed") == before + 1
