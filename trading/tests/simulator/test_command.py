"""`manage.py kite_simulator`, started and stopped as the process runner does it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from trading.simulator import demo
from trading.simulator.client import SimulatorControl
from trading.tests.simulator.browser import query_of, walk_login


@pytest.fixture
def restored_signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class Announcement:
    """Standard output that acts on the first line: looks at the simulator, then ends the process politely."""

    def __init__(self, sign: signal.Signals) -> None:
        self.line = ""
        self.healthy = False
        self._sign = sign

    def write(self, text: str) -> int:
        if text.strip():
            self.line = text
            Thread(target=self._look).start()
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""

    def _look(self) -> None:
        self.healthy = SimulatorControl(url_in(self.line)).healthy()
        os.kill(os.getpid(), self._sign)


def url_in(line: str) -> str:
    return next(word.rstrip(",") for word in line.split() if word.startswith("http://"))


@pytest.mark.usefixtures("restored_signals")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_stops_on_a_signal(sign: signal.Signals) -> None:
    announcement = Announcement(sign)
    call_command("kite_simulator", port=0, stdout=announcement)
    assert announcement.healthy
    assert demo.API_KEY in announcement.line
    with pytest.raises(ConnectionRefusedError):
        SimulatorControl(url_in(announcement.line)).healthy()


@pytest.mark.usefixtures("restored_signals")
def test_a_taken_port_is_said() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(CommandError, match="cannot start"),
    ):
        call_command("kite_simulator", port=taken.getsockname()[1])


def test_a_redirect_url_that_is_none_is_refused() -> None:
    with pytest.raises(CommandError, match="redirect-url"):
        call_command("kite_simulator", port=0, redirect_url="javascript:alert(1)")


def test_as_a_process_it_serves_the_demo_keeps_its_state_and_leaves_cleanly(
    tmp_path: Path,
) -> None:
    command = [
        *(sys.executable, "manage.py", "kite_simulator", "--port", "0"),
        *("--state-file", str(tmp_path / "kite.json")),
    ]
    environment = os.environ | {
        "PUBLIC_URL": "http://gatehouse.test:9",
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
    }
    with subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            url = url_in(process.stdout.readline())
            way_back = walk_login(
                f"{url}/connect/login?v=3&api_key={demo.API_KEY}",
                user_id=demo.USER_IDS[0],
                password=demo.PASSWORD,
                pin=demo.PIN,
            )
        finally:
            process.terminate()
    assert process.returncode == 0
    assert way_back.startswith("http://gatehouse.test:9/v1/trading-accounts/kite/callback?")
    assert query_of(way_back)["request_token"] in (tmp_path / "kite.json").read_text()
