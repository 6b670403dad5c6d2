"""No key, secret or token reaches a log or an exception, whatever happens on the way."""

import logging
import traceback
from contextlib import suppress

import pytest
import requests

from trading.brokers.base import BrokerError
from trading.brokers.kite_client import kite_library
from trading.simulator.client import SimulatorControl
from trading.simulator.faults import Fault
from trading.simulator.traps import TRAPS
from trading.tests.brokers.contract import CALLS, fitting_token, make
from trading.tests.brokers.desks import KITE_ROUTES, KiteDesk


@pytest.fixture
def desk(kite_at_simulator: SimulatorControl) -> KiteDesk:
    return KiteDesk(kite_at_simulator)


def everything_logged(caplog: pytest.LogCaptureFixture) -> str:
    """Every record with its arguments and what an error reporter would make of its exception."""
    parts = [caplog.text]
    for record in caplog.records:
        parts.append(repr(vars(record)))
        if record.exc_info and record.exc_info[1]:
            parts += traceback.format_exception(record.exc_info[1])
    return "\n".join(parts)


def secrets_of(desk: KiteDesk, token: str) -> list[str]:
    return [desk.credentials.api_key, desk.credentials.api_secret, token]


@pytest.mark.parametrize("call", CALLS)
def test_a_call_that_succeeds_leaves_nothing_in_the_logs(
    desk: KiteDesk, caplog: pytest.LogCaptureFixture, call: str
) -> None:
    token = fitting_token(desk, call)
    with caplog.at_level(logging.DEBUG):
        make(desk, call, token=token)
    for secret in secrets_of(desk, token):
        assert secret not in everything_logged(caplog)


@pytest.mark.parametrize("call", CALLS)
def test_no_trap_makes_a_call_leak(
    desk: KiteDesk, levers: SimulatorControl, caplog: pytest.LogCaptureFixture, call: str
) -> None:
    token = fitting_token(desk, call)
    told = []
    with caplog.at_level(logging.DEBUG):
        for fault in [
            *TRAPS.values(),
            Fault(status=200, headers={"no colon\r\n in": "this"}, body=b""),
        ]:
            levers.queue_fault(KITE_ROUTES[call], fault)
            try:
                make(desk, call, token=token)
            except BrokerError as error:
                told += [
                    *traceback.format_exception(error),
                    repr(vars(error)),
                    repr(error.__context__),
                ]
    text = "\n".join([everything_logged(caplog), *told])
    assert "BrokerUnavailableError" in text or "BrokerOutcomeUnknownError" in text
    for secret in secrets_of(desk, token):
        assert secret not in text


def test_the_library_by_itself_would_log_the_token_of_a_logout(
    desk: KiteDesk, levers: SimulatorControl, caplog: pytest.LogCaptureFixture
) -> None:
    token = fitting_token(desk, "end_session")
    client = kite_library().KiteConnect(api_key=desk.credentials.api_key, root=levers.url)
    with caplog.at_level(logging.DEBUG), client.reqsession:
        client.invalidate_access_token(token)
    assert token in caplog.text


def test_what_the_broker_says_is_not_repeated(
    desk: KiteDesk, levers: SimulatorControl, caplog: pytest.LogCaptureFixture
) -> None:
    body = b'{"status": "error", "error_type": "GeneralException", "message": "planted-words"}'
    told = []
    with caplog.at_level(logging.DEBUG):
        for status, content in ((500, body), (403, body), (200, b"planted-words"), (200, body)):
            levers.queue_fault(KITE_ROUTES["profile"], Fault(status=status, body=content))
            with pytest.raises(BrokerError) as caught:
                make(desk, "profile", token="x")
            told += [*traceback.format_exception(caught.value), repr(vars(caught.value))]
    assert "planted-words" not in "\n".join([everything_logged(caplog), *told])


def test_the_silence_ends_with_the_call_and_is_for_it_alone(
    desk: KiteDesk, levers: SimulatorControl, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        with suppress(BrokerError):
            make(desk, "profile", token="x")
        assert not [record for record in caplog.records if record.name.startswith("urllib3")]
        requests.get(f"{levers.url}/elsewhere", timeout=60)
    assert "/elsewhere" in caplog.text
