"""How the adapter travels: nothing of the machine's surroundings, bounded in time and size."""

import gzip
import importlib.metadata
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from django.conf import settings

from trading.brokers.base import BrokerUnavailableError
from trading.simulator.client import SimulatorControl
from trading.simulator.faults import Fault
from trading.tests.brokers.contract import READING, USING, logged_in, make
from trading.tests.brokers.desks import KITE_ROUTES, KiteDesk

PROFILE = KITE_ROUTES["profile"]


@pytest.fixture
def desk(kite_at_simulator: SimulatorControl) -> KiteDesk:
    return KiteDesk(kite_at_simulator)


def test_a_netrc_of_the_machine_does_not_replace_our_authorization(
    desk: KiteDesk, levers: SimulatorControl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    token = logged_in(desk)
    desk.broker.profile(desk.credentials, access_token=token)
    ours = levers.journal(path="/user/profile")[-1]
    assert ours.headers["authorization"] == f"token {desk.credentials.api_key}:{token}"
    requests.get(f"{levers.url}/user/profile", timeout=60)  # the trap is set: others fall into it
    assert levers.journal(path="/user/profile")[-1].headers["authorization"].startswith("Basic ")


def test_a_proxy_of_the_machine_is_not_used(
    desk: KiteDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    desk.broker.profile(desk.credentials, access_token=logged_in(desk))


@pytest.mark.parametrize("call", USING)
def test_a_redirect_is_not_followed(desk: KiteDesk, levers: SimulatorControl, call: str) -> None:
    token = logged_in(desk)
    levers.clear_journal()
    levers.queue_fault(
        KITE_ROUTES[call], Fault(status=307, headers={"Location": f"{levers.url}/user/profile"})
    )
    with pytest.raises(BrokerUnavailableError):
        make(desk, call, token=token)
    assert len(levers.journal()) == 1


def test_an_answer_may_come_compressed_and_in_chunks(
    desk: KiteDesk, levers: SimulatorControl
) -> None:
    body = gzip.compress(json.dumps({"status": "success", "data": {"user_id": "AB1234"}}).encode())
    half = len(body) // 2
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:half], body[half:]))
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    levers.queue_fault(PROFILE, Fault(raw=head + chunks + b"0\r\n\r\n"))
    profile = desk.broker.profile(desk.credentials, access_token="x")
    assert profile.broker_user_id == "AB1234"


@pytest.mark.parametrize("call", READING)
def test_a_body_that_is_too_large_is_not_read(
    desk: KiteDesk, levers: SimulatorControl, environment: Callable[..., None], call: str
) -> None:
    environment(broker_max_answer_bytes=2000)
    levers.queue_fault(KITE_ROUTES[call], Fault(status=200, body=b" " * 2001))
    with pytest.raises(BrokerUnavailableError, match="AnswerTooLargeError"):
        make(desk, call, token="x")


def test_a_small_body_that_unpacks_to_a_huge_one_is_not_unpacked(
    desk: KiteDesk, levers: SimulatorControl
) -> None:
    bomb = gzip.compress(b" " * (settings.ENVIRONMENT.broker_max_answer_bytes * 20))
    levers.queue_fault(PROFILE, Fault(status=200, headers={"Content-Encoding": "gzip"}, body=bomb))
    with pytest.raises(BrokerUnavailableError, match="AnswerTooLargeError"):
        desk.broker.profile(desk.credentials, access_token="x")


def test_an_answer_that_only_trickles_is_given_up(
    desk: KiteDesk, levers: SimulatorControl, environment: Callable[..., None]
) -> None:
    environment(broker_read_timeout=0.3)
    levers.queue_fault(PROFILE, Fault(status=200, body=b" " * 500, drip=0.02))
    with pytest.raises(BrokerUnavailableError, match="AnswerTooSlowError"):
        desk.broker.profile(desk.credentials, access_token="x")


def test_a_broker_that_cannot_be_reached_is_unavailable(
    desk: KiteDesk, environment: Callable[..., None]
) -> None:
    environment(kite_api_url="http://127.0.0.1:1")
    with pytest.raises(BrokerUnavailableError) as caught:
        desk.broker.profile(desk.credentials, access_token="x")
    assert caught.value.status is None


def test_every_logger_of_the_transport_is_hushed_during_a_call(
    desk: KiteDesk, levers: SimulatorControl, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = logged_in(desk)
    make(desk, "end_session", token=token)
    transport = [
        logger
        for name, logger in logging.root.manager.loggerDict.items()
        if name.startswith("urllib3.") and isinstance(logger, logging.Logger)
    ]
    used = [logger for logger in transport if hasattr(sys.modules.get(logger.name), "log")]
    assert used
    assert [logger.name for logger in used if not logger.filters] == []


def test_importing_the_adapter_brings_neither_the_library_nor_a_reactor() -> None:
    program = (
        "import sys, django; django.setup(); import trading.brokers.registry;"
        "sys.exit('kiteconnect' in sys.modules or 'twisted.internet.reactor' in sys.modules)"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
    subprocess.run(
        [sys.executable, "-c", program], check=True, cwd=settings.BASE_DIR, env=environment
    )


def test_the_library_is_the_version_whose_traps_we_know() -> None:
    """When this fails, go through the table in docs/contributors/kite.md again before changing the number."""
    assert importlib.metadata.version("kiteconnect") == "5.2.2"
