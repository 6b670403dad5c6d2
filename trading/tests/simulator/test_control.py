"""The levers: what they take, what they refuse, and the journal of what was asked."""

import pytest

from trading.simulator import demo
from trading.simulator.client import SimulatorControl, SimulatorRefusedError
from trading.tests.simulator.api import KiteApi, send


def test_the_journal_tells_every_request_with_its_headers_form_and_status(
    levers: SimulatorControl,
) -> None:
    kite = KiteApi(levers)
    request_token = kite.request_token()
    access_token = kite.exchange(request_token).json()["data"]["access_token"]
    kite.get("/user/profile", access_token)
    kite.log_out(access_token)
    levers.queue_fault("GET /user/profile", "dropped_before_headers")
    with pytest.raises(ConnectionError):
        _hang_up(kite, access_token)

    exchange, profile, logout, dropped = levers.journal(api_key=kite.app.api_key)
    assert (exchange.method, exchange.path, exchange.status) == ("POST", "/session/token", 200)
    assert exchange.form["request_token"] == request_token
    assert profile.headers["authorization"] == f"token {kite.app.api_key}:{access_token}"
    assert (logout.method, logout.query["access_token"]) == ("DELETE", access_token)
    assert dropped.status is None
    assert levers.journal(path="/user/profile", api_key=kite.app.api_key) == [profile, dropped]


def _hang_up(kite: KiteApi, access_token: str) -> None:
    try:
        kite.get("/user/profile", access_token)
    except OSError as error:
        raise ConnectionError from error


def test_the_levers_themselves_are_not_in_the_journal(levers: SimulatorControl) -> None:
    levers.create_user()
    assert levers.journal() == []


def test_a_cleared_journal_is_empty(levers: SimulatorControl) -> None:
    KiteApi(levers).log_in()
    assert len(levers.journal()) == 1
    levers.clear_journal()
    assert levers.journal() == []


def test_a_reset_leaves_the_demo_and_nothing_else(levers: SimulatorControl) -> None:
    kite = KiteApi(levers)
    kite.log_in()
    levers.queue_fault("*", "maintenance")
    levers.reset()
    assert levers.sessions() == []
    assert levers.journal() == []
    assert levers.pending_faults() == {}
    with pytest.raises(SimulatorRefusedError):
        kite.request_token()
    assert levers.grant_request_token(api_key=demo.API_KEY, user_id=demo.USER_IDS[0])


def test_apps_and_people_can_be_given_every_detail(levers: SimulatorControl) -> None:
    app = levers.create_app(redirect_url="http://a.test", api_key="mine", api_secret="known")
    assert (app.api_key, app.api_secret) == ("mine", "known")
    user = levers.create_user(user_id="XY0001", name="Ravi", pin="000000")
    assert (user.user_id, user.name, user.pin) == ("XY0001", "Ravi", "000000")


@pytest.mark.parametrize(
    ("method", "lever", "body", "status"),
    [
        ("GET", "nothing", "", 404),
        ("DELETE", "apps", "", 404),
        ("POST", "apps", "{}", 400),
        ("POST", "apps", "no json", 400),
        ("POST", "apps/secret", '{"api_key": "nobody"}', 400),
        ("POST", "request-tokens", '{"api_key": "demokey", "user_id": "nobody"}', 400),
        ("PUT", "clock", '{"now": "2026-01-01T00:00:00"}', 400),
        ("PUT", "rate-limit", '{"per_second": 0}', 400),
        ("POST", "faults", '{"route": "*"}', 400),
        ("POST", "faults", '{"route": "*", "fault": {"odd": 1}}', 400),
        ("DELETE", "sessions", '{"odd": 1}', 400),
    ],
)
def test_a_malformed_order_is_refused_with_a_reason(
    levers: SimulatorControl, method: str, lever: str, body: str, status: int
) -> None:
    answer = send(method, f"{levers.url}/__simulator__/{lever}", data=body)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_secrets_do_not_show_when_an_app_user_or_session_is_printed(
    levers: SimulatorControl,
) -> None:
    kite = KiteApi(levers)
    access_token = kite.log_in()
    printed = repr((kite.app, kite.user, kite.living()))
    for secret in (kite.app.api_secret, kite.user.password, kite.user.pin, access_token):
        assert secret not in printed
