"""One adapter, many threads: nobody is handed what is another's."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from trading.brokers.base import SessionEndedError
from trading.brokers.registry import get_broker
from trading.simulator.client import SimulatorControl
from trading.tests.brokers.desks import KiteDesk

THREADS = 20


def test_twenty_people_at_once_each_get_their_own_account(
    kite_at_simulator: SimulatorControl,
) -> None:
    broker = get_broker("kite")
    desks = [KiteDesk(kite_at_simulator) for _ in range(THREADS)]
    together = Barrier(THREADS)

    def day(desk: KiteDesk) -> tuple[str, str]:
        together.wait(timeout=60)
        login = broker.complete_login(desk.credentials, request_token=desk.request_token())
        seen = broker.profile(desk.credentials, access_token=login.access_token).broker_user_id
        broker.margins(desk.credentials, access_token=login.access_token)
        broker.end_session(desk.credentials, access_token=login.access_token)
        try:
            broker.profile(desk.credentials, access_token=login.access_token)
        except SessionEndedError:
            return login.broker_user_id, seen
        return "", ""

    with ThreadPoolExecutor(THREADS) as pool:
        seen = list(pool.map(day, desks))
    assert seen == [(desk.broker_user_id, desk.broker_user_id) for desk in desks]
    assert kite_at_simulator.sessions() == []


def test_one_request_token_raced_by_twenty_begins_one_session(
    kite_at_simulator: SimulatorControl,
) -> None:
    desk = KiteDesk(kite_at_simulator)
    token = desk.request_token()
    together = Barrier(THREADS)

    def race(_: int) -> bool:
        together.wait(timeout=60)
        try:
            desk.broker.complete_login(desk.credentials, request_token=token)
        except Exception as error:
            assert type(error).__name__ == "LoginRefusedError"
            return False
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(race, range(THREADS))) == 1
    assert desk.living_sessions() == 1
