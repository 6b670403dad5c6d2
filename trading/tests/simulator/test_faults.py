"""Faults go out byte for byte, once for each time they were queued, on the route they were queued for."""

import socket
from urllib.parse import urlsplit

import pytest
import requests

from trading.simulator.client import SimulatorControl, SimulatorRefusedError
from trading.simulator.faults import Fault
from trading.simulator.server import SimulatorServer
from trading.simulator.traps import TRAPS
from trading.tests.simulator.api import KiteApi

PROFILE = "GET /user/profile"


@pytest.fixture
def kite(levers: SimulatorControl) -> KiteApi:
    return KiteApi(levers)


def raw_answer(levers: SimulatorControl, path: str) -> bytes:
    """Everything that the simulator writes before it hangs up."""
    parts = urlsplit(levers.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=60) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: connection.recv(4096), b""))


def test_a_fault_meets_its_route_as_often_as_queued_and_then_all_is_well(
    kite: KiteApi, levers: SimulatorControl
) -> None:
    access_token = kite.log_in()
    levers.queue_fault(PROFILE, Fault(status=503, body=b"{}"), times=2)
    assert levers.pending_faults() == {PROFILE: 2}
    assert kite.get("/user/margins", access_token).status_code == 200
    answers = [kite.get("/user/profile", access_token).status_code for _ in range(3)]
    assert answers == [503, 503, 200]
    assert levers.pending_faults() == {}


def test_faults_go_out_in_the_order_they_were_queued_and_a_route_before_any(
    kite: KiteApi, levers: SimulatorControl
) -> None:
    levers.queue_fault("*", Fault(status=504))
    levers.queue_fault(PROFILE, Fault(status=500))
    levers.queue_fault(PROFILE, Fault(status=502))
    answers = [kite.get("/user/profile", "x").status_code for _ in range(4)]
    assert answers == [500, 502, 504, 403]


def test_cleared_faults_meet_nobody(kite: KiteApi, levers: SimulatorControl) -> None:
    levers.queue_fault("*", "maintenance", times=5)
    levers.clear_faults()
    assert kite.get("/user/profile", kite.log_in()).status_code == 200


def test_status_headers_and_body_are_as_ordered(kite: KiteApi, levers: SimulatorControl) -> None:
    body = bytes(range(256))
    levers.queue_fault(
        PROFILE,
        Fault(status=429, headers={"content-type": None, "Retry-After": "9"}, body=body),
    )
    answer = kite.get("/user/profile", "x")
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "9"
    assert "Content-Type" not in answer.headers
    assert answer.content == body


def test_raw_bytes_go_out_without_http_around_them(levers: SimulatorControl) -> None:
    levers.queue_fault(PROFILE, Fault(raw=b"\x00no http\xff"))
    assert raw_answer(levers, "/user/profile") == b"\x00no http\xff"


def test_a_connection_is_dropped_before_or_after_the_headers(levers: SimulatorControl) -> None:
    levers.queue_fault(PROFILE, "dropped_before_headers")
    assert raw_answer(levers, "/user/profile") == b""
    levers.queue_fault(PROFILE, "dropped_after_headers")
    answer = raw_answer(levers, "/user/profile")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\n")


def test_a_delayed_answer_is_the_right_one_for_those_who_wait(
    kite: KiteApi, levers: SimulatorControl
) -> None:
    access_token = kite.log_in()
    levers.queue_fault(PROFILE, Fault(delay=0.3), times=2)
    with pytest.raises(requests.ReadTimeout):
        kite.get("/user/profile", access_token, timeout=0.05)
    answer = kite.get("/user/profile", access_token)
    assert answer.json()["data"]["user_id"] == kite.user.user_id


def test_a_dripping_answer_comes_whole(kite: KiteApi, levers: SimulatorControl) -> None:
    levers.queue_fault(PROFILE, Fault(status=200, body=b"abc", drip=0.01))
    assert kite.get("/user/profile", "x").content == b"abc"


def test_a_fault_in_place_of_an_answer_keeps_the_request_from_taking_effect(
    kite: KiteApi, levers: SimulatorControl
) -> None:
    request_token = kite.request_token()
    levers.queue_fault("POST /session/token", "gateway_down")
    assert kite.exchange(request_token).status_code == 502
    assert kite.living() == []
    assert kite.exchange(request_token).status_code == 200


def test_with_effect_the_broker_does_what_it_was_asked_and_fails_to_say_so(
    kite: KiteApi, levers: SimulatorControl
) -> None:
    levers.queue_fault("POST /session/token", Fault(drop="before_headers", effect=True))
    with pytest.raises(requests.ConnectionError):
        kite.exchange(kite.request_token())
    assert len(kite.living()) == 1


def test_with_effect_and_a_status_the_right_body_goes_out_under_the_wrong_status(
    kite: KiteApi, levers: SimulatorControl
) -> None:
    levers.queue_fault("POST /session/token", Fault(status=500, effect=True))
    answer = kite.exchange(kite.request_token())
    assert answer.status_code == 500
    assert answer.json()["data"]["user_id"] == kite.user.user_id


@pytest.mark.parametrize("trap", sorted(TRAPS))
def test_every_trap_can_be_set_by_its_name_and_the_server_survives_it(
    levers: SimulatorControl, trap: str
) -> None:
    levers.queue_fault(PROFILE, trap)
    answer = raw_answer(levers, "/user/profile")
    fault = TRAPS[trap]
    if fault.raw is not None:
        assert answer == fault.raw
    elif fault.drop is None:
        assert answer.startswith(f"HTTP/1.1 {fault.status} ".encode())
        assert answer.endswith(fault.body or b"")
    assert levers.healthy()


def test_an_answer_that_cannot_be_written_is_logged_and_the_server_goes_on(
    kite: KiteApi, levers: SimulatorControl, caplog: pytest.LogCaptureFixture
) -> None:
    levers.queue_fault(PROFILE, Fault(status=200, headers={"X-Rupee": "\u20b9"}))
    with pytest.raises(requests.ConnectionError):
        kite.get("/user/profile", "x")
    assert "The simulator failed on a request" in caplog.text
    assert levers.healthy()


def test_stopping_ends_answers_that_are_under_way() -> None:
    with SimulatorServer() as server:
        server.control.queue_fault(PROFILE, Fault(status=200, body=b"x" * 1000, drip=10))
        parts = urlsplit(server.url)
        connection = socket.create_connection((parts.hostname, parts.port), timeout=60)
        connection.sendall(b"GET /user/profile HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")
    with connection:
        assert b"".join(iter(lambda: connection.recv(4096), b"")) in {b"", b"x"}


def test_an_unknown_trap_or_an_odd_fault_is_refused(levers: SimulatorControl) -> None:
    with pytest.raises(SimulatorRefusedError):
        levers.queue_fault(PROFILE, "no such trap")
    with pytest.raises(SimulatorRefusedError):
        levers.queue_fault(PROFILE, Fault.model_construct(status=7))
    assert levers.pending_faults() == {}
