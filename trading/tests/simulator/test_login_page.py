"""The login page, walked as a browser walks it."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from trading.simulator import demo
from trading.simulator.client import SimulatorControl
from trading.simulator.state import App, User
from trading.tests.simulator.api import KiteApi, send
from trading.tests.simulator.browser import Browser, Page, query_of, walk_login
from trading.tests.simulator.fixtures import REDIRECT_URL


@pytest.fixture
def app(levers: SimulatorControl) -> App:
    return levers.create_app(redirect_url="http://app.test/back?from=kite")


@pytest.fixture
def user(levers: SimulatorControl) -> User:
    return levers.create_user()


def login_url(levers: SimulatorControl, api_key: str, **query: str) -> str:
    return f"{levers.url}/connect/login?" + urlencode({"v": "3", "api_key": api_key} | query)


def test_a_walk_ends_at_the_registered_url_with_a_request_token(
    levers: SimulatorControl, app: App, user: User
) -> None:
    echo = urlencode({"state": "a+b &c", "empty": ""})
    way_back = walk_login(
        login_url(levers, app.api_key, redirect_params=echo),
        user_id=user.user_id,
        password=user.password,
        pin=user.pin,
    )
    assert way_back.startswith("http://app.test/back?")
    query = query_of(way_back)
    request_token = query.pop("request_token")
    assert query == {
        "from": "kite",
        "action": "login",
        "type": "login",
        "status": "success",
        "state": "a+b &c",
        "empty": "",
    }
    kite = KiteApi(levers)
    kite.app = app
    assert kite.exchange(request_token).json()["data"]["user_id"] == user.user_id


def test_the_demo_app_and_people_are_there_from_the_start(levers: SimulatorControl) -> None:
    for user_id in demo.USER_IDS:
        way_back = walk_login(
            login_url(levers, demo.API_KEY),
            user_id=user_id,
            password=demo.PASSWORD,
            pin=demo.PIN,
        )
        assert way_back.startswith(REDIRECT_URL)
        assert query_of(way_back)["status"] == "success"


def test_what_the_app_wants_back_cannot_replace_what_the_broker_says(
    levers: SimulatorControl, app: App, user: User
) -> None:
    way_back = walk_login(
        login_url(levers, app.api_key, redirect_params="request_token=mine&status=odd&x=1"),
        user_id=user.user_id,
        password=user.password,
        pin=user.pin,
    )
    assert "mine" not in way_back
    assert query_of(way_back)["status"] == "success"
    assert query_of(way_back)["x"] == "1"


def test_a_wrong_password_and_a_wrong_code_are_said_and_can_be_corrected(
    levers: SimulatorControl, app: App, user: User
) -> None:
    with Browser() as browser:
        page = browser.open(login_url(levers, app.api_key))
        assert page.alert == ""
        wrong = browser.send(page, User_ID=user.user_id, Password="not it")
        assert isinstance(wrong, Page)
        assert (wrong.status, "wrong" in wrong.alert) == (403, True)
        code_page = browser.send(wrong, User_ID=user.user_id, Password=user.password)
        assert isinstance(code_page, Page)
        wrong_code = browser.send(code_page, **{"Six-digit_code": "00000x"})
        assert isinstance(wrong_code, Page)
        assert "wrong" in wrong_code.alert
        way_back = browser.send(wrong_code, **{"Six-digit_code": user.pin})
    assert isinstance(way_back, str)
    assert query_of(way_back)["status"] == "success"


def test_the_code_alone_does_not_log_anybody_in(
    levers: SimulatorControl, app: App, user: User
) -> None:
    with Browser() as browser:
        page = browser.open(login_url(levers, app.api_key))
        page.url = f"{levers.url}/connect/twofa"
        page.labels = {"pin": "pin"}
        answer = browser.send(page, pin=user.pin)
    assert isinstance(answer, Page)
    assert "first" in answer.alert


@pytest.mark.parametrize("at_step", ["password", "code"])
def test_cancelling_brings_back_the_status_and_nothing_else(
    levers: SimulatorControl, app: App, user: User, at_step: str
) -> None:
    with Browser() as browser:
        page = browser.open(login_url(levers, app.api_key, redirect_params="state=1"))
        if at_step == "code":
            answer = browser.send(page, User_ID=user.user_id, Password=user.password)
            assert isinstance(answer, Page)
            page = answer
        way_back = browser.send(page, decision="cancel")
    assert isinstance(way_back, str)
    assert query_of(way_back) == {"from": "kite", "status": "cancelled"}


def test_a_login_works_once_and_not_for_ever(
    levers: SimulatorControl, app: App, user: User
) -> None:
    with Browser() as browser:
        page = browser.open(login_url(levers, app.api_key))
        code_page = browser.send(page, User_ID=user.user_id, Password=user.password)
        assert isinstance(code_page, Page)
        assert isinstance(browser.send(code_page, **{"Six-digit_code": user.pin}), str)
        again = browser.send(code_page, **{"Six-digit_code": user.pin})
        assert isinstance(again, Page)
        assert again.status == 400

        late = browser.open(login_url(levers, app.api_key))
        levers.set_clock(levers.now() + timedelta(minutes=10))
        answer = browser.send(late, User_ID=user.user_id, Password=user.password)
        assert isinstance(answer, Page)
        assert answer.status == 400


@pytest.mark.parametrize("query", [{"v": "3", "api_key": "nobody"}, {"api_key": demo.API_KEY}])
def test_an_unknown_app_or_version_gets_no_page(
    levers: SimulatorControl, query: dict[str, str]
) -> None:
    refused = send("GET", f"{levers.url}/connect/login", params=query)
    assert refused.status_code == 400
    assert refused.json()["error_type"] == "InputException"


def test_the_page_has_no_other_methods(levers: SimulatorControl) -> None:
    assert send("PUT", f"{levers.url}/connect/login").status_code == 405


def test_nothing_that_is_sent_to_the_page_is_shown_as_markup(
    levers: SimulatorControl, app: App
) -> None:
    evil = '"><script>alert(1)</script>'
    page = send("GET", login_url(levers, app.api_key, redirect_params=evil))
    assert "<script" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
