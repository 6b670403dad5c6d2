"""Ten requests a second for each API key."""

from datetime import timedelta

from trading.simulator.client import SimulatorControl
from trading.tests.simulator.api import KiteApi


def statuses(kite: KiteApi, access_token: str, times: int) -> list[int]:
    return [kite.get("/user/profile", access_token).status_code for _ in range(times)]


def test_the_eleventh_request_of_a_second_is_too_many(levers: SimulatorControl) -> None:
    kite = KiteApi(levers)
    access_token = kite.log_in()
    now = levers.now()
    levers.set_clock(now, stopped=True)
    levers.set_rate_limit(10)
    assert statuses(kite, access_token, 11) == [200] * 10 + [429]
    refused = kite.get("/user/profile", access_token)
    assert refused.json()["error_type"] == "NetworkException"
    levers.set_clock(now + timedelta(seconds=0.3), stopped=True)
    assert statuses(kite, access_token, 4) == [200] * 3 + [429]


def test_each_api_key_has_a_bucket_of_its_own_for_all_its_calls(
    levers: SimulatorControl,
) -> None:
    one, other = KiteApi(levers), KiteApi(levers)
    tokens = one.log_in(), other.log_in()
    levers.set_clock(levers.now(), stopped=True)
    levers.set_rate_limit(2)
    assert statuses(one, tokens[0], 2) == [200, 200]
    assert one.exchange(one.request_token()).status_code == 429
    assert one.log_out(tokens[0]).status_code == 429
    assert statuses(other, tokens[1], 2) == [200, 200]


def test_the_limit_can_be_switched_off(levers: SimulatorControl) -> None:
    kite = KiteApi(levers)
    access_token = kite.log_in()
    levers.set_clock(levers.now(), stopped=True)
    levers.set_rate_limit(1)
    assert statuses(kite, access_token, 2) == [200, 429]
    levers.set_rate_limit(None)
    assert statuses(kite, access_token, 15) == [200] * 15
