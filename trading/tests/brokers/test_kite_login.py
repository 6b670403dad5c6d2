"""The way to a session: the login page, the exchange, and the hour at which it all ends."""

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine

from trading.brokers.base import BrokerCredentials
from trading.brokers.kite import LOGIN_PAGE, KiteBroker
from trading.brokers.kite_client import kite_library
from trading.simulator import demo
from trading.simulator.client import SimulatorControl
from trading.tests.brokers.contract import make
from trading.tests.brokers.desks import KiteDesk
from trading.tests.simulator.browser import query_of, walk_login

DEMO = BrokerCredentials(api_key=demo.API_KEY, api_secret=demo.API_SECRET)


@pytest.fixture
def desk(kite_at_simulator: SimulatorControl) -> KiteDesk:
    return KiteDesk(kite_at_simulator)


def test_a_person_walks_from_the_login_url_to_a_session(
    kite_at_simulator: SimulatorControl,
) -> None:
    broker = KiteBroker()
    way_back = walk_login(
        broker.begin_login(DEMO, state="s/t+a&t=e"),
        user_id=demo.USER_IDS[0],
        password=demo.PASSWORD,
        pin=demo.PIN,
    )
    query = query_of(way_back)
    assert query["state"] == "s/t+a&t=e"
    login = broker.complete_login(DEMO, request_token=query["request_token"])
    assert login.broker_user_id == demo.USER_IDS[0]
    (session,) = kite_at_simulator.sessions()
    assert session.access_token == login.access_token


def test_without_a_setting_the_login_page_is_the_one_that_the_library_knows(
    environment: Callable[..., None],
) -> None:
    environment(kite_login_url=None)
    ours = urlsplit(KiteBroker().begin_login(DEMO, state="x"))
    theirs = urlsplit(kite_library().KiteConnect(api_key=demo.API_KEY).login_url())
    assert ours._replace(query="") == theirs._replace(query="")
    assert ours._replace(query="").geturl() == LOGIN_PAGE
    query = dict(parse_qsl(ours.query))
    assert query.pop("redirect_params") == "state=x"
    assert query == dict(parse_qsl(theirs.query))


def test_without_a_setting_the_api_is_zerodhas(environment: Callable[..., None]) -> None:
    environment(kite_api_url=None)
    assert kite_library().KiteConnect(api_key="x", root=None).root == "https://api.kite.trade"


def test_an_api_key_cannot_add_to_the_query_of_the_login_url() -> None:
    odd = BrokerCredentials(api_key="k&redirect_params=state%3Devil", api_secret="x")
    query = parse_qsl(urlsplit(KiteBroker().begin_login(odd, state="mine")).query)
    assert [value for name, value in query if name == "redirect_params"] == ["state=mine"]


def test_an_exchange_sends_the_checksum_and_neither_secret_nor_authorization(
    desk: KiteDesk, levers: SimulatorControl
) -> None:
    make(desk, "complete_login", token=desk.request_token())
    (entry,) = levers.journal(path="/session/token")
    assert set(entry.form) == {"api_key", "request_token", "checksum"}
    assert "authorization" not in entry.headers
    assert desk.credentials.api_secret not in entry.model_dump_json()


def test_a_logout_names_its_own_session_alone(desk: KiteDesk, levers: SimulatorControl) -> None:
    make(desk, "end_session", token="the-token")
    (entry,) = levers.journal(path="/session/token")
    assert entry.query == {"api_key": desk.credentials.api_key, "access_token": "the-token"}
    assert "authorization" not in entry.headers


@pytest.mark.parametrize(
    ("now", "login_time", "ends"),
    [
        # 14:00 in India: the next morning's six o'clock, which is half past midnight in UTC
        ("2026-02-03T08:30:00", "2026-02-03T08:30:00", "2026-02-04T00:30:00"),
        # 05:59 and 06:00 in India
        ("2026-02-03T00:29:00", "2026-02-03T00:29:00", "2026-02-03T00:30:00"),
        ("2026-02-03T00:30:00", "2026-02-03T00:30:00", "2026-02-04T00:30:00"),
        # 23:59 in India on the last day of a year
        ("2026-12-31T18:29:00", "2026-12-31T18:29:00", "2027-01-01T00:30:00"),
    ],
)
def test_a_session_ends_at_the_next_six_o_clock_in_india(
    desk: KiteDesk, now: str, login_time: str, ends: str
) -> None:
    with time_machine.travel(datetime.fromisoformat(now).replace(tzinfo=UTC), tick=False):
        login = desk.broker.complete_login(desk.credentials, request_token=desk.request_token())
    assert login.login_time == datetime.fromisoformat(login_time).replace(tzinfo=UTC)
    assert login.expires_at == datetime.fromisoformat(ends).replace(tzinfo=UTC)
    assert login.expires_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("ours", "brokers", "ends"),
    [
        # a few seconds apart around six o'clock: the broker's clock decides
        ("2026-02-03T00:29:58", "2026-02-03T00:30:01", "2026-02-04T00:30:00"),
        # a time of days ago or from far ahead is not believed
        ("2026-02-03T08:30:00", "2026-01-20T08:30:00", "2026-02-04T00:30:00"),
        ("2026-02-03T08:30:00", "2031-01-01T08:30:00", "2026-02-04T00:30:00"),
    ],
)
def test_the_brokers_clock_decides_when_it_can_be_believed(
    desk: KiteDesk, levers: SimulatorControl, ours: str, brokers: str, ends: str
) -> None:
    levers.set_clock(datetime.fromisoformat(brokers).replace(tzinfo=UTC), stopped=True)
    request_token = desk.request_token()
    with time_machine.travel(datetime.fromisoformat(ours).replace(tzinfo=UTC), tick=False):
        login = desk.broker.complete_login(desk.credentials, request_token=request_token)
    assert login.expires_at == datetime.fromisoformat(ends).replace(tzinfo=UTC)
