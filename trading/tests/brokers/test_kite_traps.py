"""What Kite, or a machine between, has been seen to answer: each means the same thing each time."""

import pytest

from trading.brokers.base import (
    BrokerError,
    BrokerOutcomeUnknownError,
    BrokerRefusedError,
    BrokerThrottledError,
    BrokerUnavailableError,
    LoginRefusedError,
    SessionEndedError,
)
from trading.simulator.client import SimulatorControl
from trading.simulator.faults import Fault
from trading.simulator.traps import TRAPS, document
from trading.tests.brokers.contract import READING, logged_in, make
from trading.tests.brokers.desks import KITE_ROUTES, KiteDesk

# What is not named here says nothing about the session.
READING_MEANS = {
    "TokenException": SessionEndedError,
    "PermissionException": BrokerRefusedError,
    "InputException": BrokerRefusedError,
    "unknown_refusal": BrokerRefusedError,
    "throttled": BrokerThrottledError,
    "throttled_json": BrokerThrottledError,
}
LOGIN_MEANS = READING_MEANS | {
    "TokenException": LoginRefusedError,
    "InputException": LoginRefusedError,
}


@pytest.fixture
def desk(kite_at_simulator: SimulatorControl) -> KiteDesk:
    return KiteDesk(kite_at_simulator)


@pytest.mark.parametrize("trap", sorted(TRAPS))
@pytest.mark.parametrize("call", READING)
def test_an_odd_answer_to_a_reading_call(
    desk: KiteDesk, levers: SimulatorControl, call: str, trap: str
) -> None:
    levers.queue_fault(KITE_ROUTES[call], trap)
    with pytest.raises(BrokerError) as caught:
        make(desk, call, token="x")
    assert type(caught.value) is READING_MEANS.get(trap, BrokerUnavailableError)


@pytest.mark.parametrize("trap", sorted(TRAPS))
def test_an_odd_answer_to_a_login(desk: KiteDesk, levers: SimulatorControl, trap: str) -> None:
    levers.queue_fault(KITE_ROUTES["complete_login"], trap)
    with pytest.raises(BrokerError) as caught:
        make(desk, "complete_login", token="x")
    assert type(caught.value) is LOGIN_MEANS.get(trap, BrokerOutcomeUnknownError)
    assert desk.requests("complete_login") == 1


@pytest.mark.parametrize(
    "trap", sorted(set(TRAPS) - {"TokenException", "null_data", "a_list_for_data"})
)
def test_an_odd_answer_to_a_logout(desk: KiteDesk, levers: SimulatorControl, trap: str) -> None:
    levers.queue_fault(KITE_ROUTES["end_session"], trap)
    with pytest.raises(BrokerError) as caught:
        make(desk, "end_session", token="x")
    assert type(caught.value) is READING_MEANS.get(trap, BrokerUnavailableError)


def test_a_token_exception_at_logout_is_what_was_wanted(
    desk: KiteDesk, levers: SimulatorControl
) -> None:
    levers.queue_fault(KITE_ROUTES["end_session"], "TokenException")
    make(desk, "end_session", token="x")
    assert desk.requests("end_session") == 1


def test_an_answer_without_login_time_is_a_login_all_the_same(
    desk: KiteDesk, levers: SimulatorControl
) -> None:
    data = {"user_id": "AB1234", "access_token": "good-token"}
    levers.queue_fault(KITE_ROUTES["complete_login"], document({"status": "success", "data": data}))
    login = desk.broker.complete_login(desk.credentials, request_token="x")
    assert (login.broker_user_id, login.access_token) == ("AB1234", "good-token")
    assert login.login_time is None


@pytest.mark.parametrize("login_time", [None, 1767225600, "yesterday", "x" * 19, ["2026"]])
def test_an_odd_login_time_does_not_lose_a_session_that_has_begun(
    desk: KiteDesk, levers: SimulatorControl, login_time: object
) -> None:
    data = {"user_id": "AB1234", "access_token": "good-token", "login_time": login_time}
    levers.queue_fault(KITE_ROUTES["complete_login"], document({"status": "success", "data": data}))
    login = desk.broker.complete_login(desk.credentials, request_token="x")
    assert (login.access_token, login.login_time) == ("good-token", None)


@pytest.mark.parametrize("effect", [True, False])
def test_a_success_body_under_status_500_is_no_success(
    desk: KiteDesk, levers: SimulatorControl, effect: bool
) -> None:
    levers.queue_fault(KITE_ROUTES["complete_login"], Fault(status=500, effect=effect, body=None))
    with pytest.raises(BrokerOutcomeUnknownError) as caught:
        desk.broker.complete_login(desk.credentials, request_token=desk.request_token())
    assert caught.value.status == 500
    assert desk.living_sessions() == int(effect)


@pytest.mark.parametrize(
    ("status", "header", "told"),
    [
        (429, "12", 12),
        (503, "30", 30),
        (429, "Wed, 21 Oct 2015 07:28:00 GMT", 0),
        (429, "Wed, 21 Oct 2015 07:28:00 -0000", 0),
        (429, "Fri, 31 Dec 9999 23:59:59 GMT", 86_400),
        (429, "9" * 400, 86_400),
        (429, "soon", None),
        (429, "Wed, 21 Oct 99999999999999999999 07:28:00 GMT", None),
        (429, "-1", None),
        (429, None, None),
    ],
)
def test_the_real_status_and_wait_are_kept(
    desk: KiteDesk,
    levers: SimulatorControl,
    status: int,
    header: str | None,
    told: float | None,
) -> None:
    fault = Fault(
        status=status, headers={"Content-Type": "text/html", "Retry-After": header}, body=b"<p>"
    )
    levers.queue_fault(KITE_ROUTES["profile"], fault)
    with pytest.raises(BrokerUnavailableError) as caught:
        make(desk, "profile", token="x")
    assert (caught.value.status, caught.value.retry_after) == (status, told)


def test_the_detail_is_the_class_and_the_status_and_none_of_the_brokers_words(
    desk: KiteDesk, levers: SimulatorControl
) -> None:
    levers.queue_fault("*", "PermissionException")
    with pytest.raises(BrokerRefusedError) as caught:
        make(desk, "profile", token="x")
    assert str(caught.value) == caught.value.detail == "PermissionException, HTTP 403"


def test_a_late_refusal_is_about_the_token_that_was_sent(desk: KiteDesk) -> None:
    old = logged_in(desk)
    new = logged_in(desk)
    with pytest.raises(SessionEndedError):
        make(desk, "profile", token=old)
    make(desk, "profile", token=new)


@pytest.mark.parametrize("call", ["profile", "margins"])
@pytest.mark.parametrize("token", ["line\r\nbreak", "\u20b9"])
def test_a_token_that_fits_in_no_header_is_refused_without_asking(
    desk: KiteDesk, call: str, token: str
) -> None:
    with pytest.raises(BrokerRefusedError) as caught:
        make(desk, call, token=token)
    assert token not in str(caught.value)
    assert desk.requests(call) == 0
