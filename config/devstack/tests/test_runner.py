"""The stack as a person runs it: one command in the foreground, with small processes in place of the real ones."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from textwrap import dedent

import psutil
import pytest

from config.devstack import ports
from config.devstack.console import Console
from config.devstack.environment import complete
from config.devstack.layout import Layout
from config.devstack.ports import is_free
from config.devstack.runner import Stack
from config.devstack.tests.conftest import eventually, gone, kill, processes_of
from config.settings.environment import Environment
from config.settings.sections.section import PROJECT_ROOT

SCRIPT = """
import sys
from pathlib import Path
from config.devstack.environment import complete
from config.devstack.errors import DevstackError
from config.devstack.layout import Layout
from config.devstack.runner import Stack
from config.settings.environment import Environment

state_dir, port, procfile, *only = sys.argv[1:]
layout = Layout(Path(state_dir))
try:
    Stack(
        layout=layout,
        environment=complete(Environment(port=int(port)), layout),
        settings_module="unused",
        only=only,
        procfile=Path(procfile),
        prepare=lambda: "https://sign.in/once",
    ).run()
except DevstackError as error:
    sys.exit(str(error))
"""
# Answers every request with 200 until it is told to stop, then says so.
WEB = """
import http.server, os, signal, sys, threading
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
print("web is up", flush=True)
server.serve_forever()
print("web has finished", flush=True)
"""
IDLE = "import time; print('idle is up', flush=True); time.sleep(600)"


@pytest.fixture
def port() -> int:
    return ports.any_free()


@pytest.fixture
def procfile(tmp_path: Path) -> Path:
    for name, code in (("web", WEB), ("idle", IDLE)):
        (tmp_path / f"{name}.py").write_text(code)
    path = tmp_path / "Procfile"
    path.write_text(
        dedent(
            f"""\
            # two processes
            web: python {tmp_path}/web.py $PORT

            idle: python {tmp_path}/idle.py
            """
        )
    )
    return path


class Run:
    """A stack in a process of its own."""

    def __init__(self, layout: Layout, port: int, procfile: Path, *only: str) -> None:
        self.layout = layout
        self.process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(layout.state_dir), str(port), str(procfile), *only],
            cwd=PROJECT_ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={name: value for name, value in os.environ.items() if not name.endswith("_URL")},
        )
        self.output = ""

    def read_until(self, text: str) -> None:
        assert self.process.stdout
        while text not in self.output:
            line = self.process.stdout.readline()
            assert line, f"it ended without {text!r}:\n{self.output}"
            self.output += line

    def finish(self) -> int:
        """Read to the end; returns the exit code."""
        rest, _ = self.process.communicate(timeout=60)
        self.output += rest
        return self.process.returncode


@contextmanager
def stack(layout: Layout, port: int, procfile: Path, *only: str) -> Iterator[Run]:
    run = Run(layout, port, procfile, *only)
    try:
        yield run
    finally:
        run.process.kill()
        run.process.communicate()


class Screen(StringIO):
    """A terminal that somebody watches: once `text` is on it, they send a signal to this process."""

    def __init__(self, text: str, number: signal.Signals) -> None:
        super().__init__()
        self._text, self._number, self._sent = text, number, False

    def flush(self) -> None:
        if self._text in self.getvalue() and not self._sent:
            self._sent = True
            os.kill(os.getpid(), self._number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_in_good_order(
    used_layout: Layout, port: int, procfile: Path, number: signal.Signals
) -> None:
    screen = Screen("Ctrl-C stops it.", number)
    before = signal.getsignal(number)
    Stack(
        layout=used_layout,
        environment=complete(Environment.model_construct(port=port), used_layout),
        settings_module="unused",
        procfile=procfile,
        console=Console(screen),
        prepare=lambda: "https://sign.in/once",
    ).run()
    assert processes_of(used_layout) == []
    assert "web       | web has finished" in screen.getvalue()
    assert f"gatehouse | {number.name}: stopping.\n" in screen.getvalue()
    assert screen.getvalue().endswith("gatehouse | Stopped.\n")
    assert is_free(port)
    assert signal.getsignal(number) == before


def test_it_says_where_everything_is(used_layout: Layout, port: int, procfile: Path) -> None:
    with stack(used_layout, port, procfile) as run:
        run.read_until("Ctrl-C stops it.")
    for address in (f":{port}/v1", f":{port}/v1/docs", f":{port}/console/", f":{port}/dev/mail/"):
        assert f"http://localhost{address}\n" in run.output
    assert "https://sign.in/once" in run.output


def test_what_a_process_says_is_shown_under_its_name_and_kept(
    used_layout: Layout, port: int, procfile: Path
) -> None:
    with stack(used_layout, port, procfile) as run:
        run.read_until("idle      | idle is up")
    assert "idle is up" in (used_layout.logs / "idle.log").read_text()


def test_nothing_is_left_when_the_runner_is_killed_and_it_starts_again_at_once(
    used_layout: Layout, port: int, procfile: Path
) -> None:
    with stack(used_layout, port, procfile) as run:
        run.read_until("Ctrl-C stops it.")
        everything = processes_of(used_layout)
        assert len(everything) > 8
        run.process.kill()
        with stack(used_layout, port, procfile) as again:
            again.read_until("Ctrl-C stops it.")
            assert gone(everything)


def test_it_starts_again_after_everything_was_killed(
    used_layout: Layout, port: int, procfile: Path
) -> None:
    with stack(used_layout, port, procfile) as run:
        run.read_until("Ctrl-C stops it.")
        kill(processes_of(used_layout))
    with stack(used_layout, port, procfile) as again:
        again.read_until("Ctrl-C stops it.")


def test_a_second_stack_on_the_same_folder_is_refused(
    used_layout: Layout, port: int, procfile: Path
) -> None:
    with stack(used_layout, port, procfile, "valkey") as run:
        run.read_until("Ready")
        with stack(used_layout, port + 1, procfile) as second:
            assert second.finish() == 1
        assert (
            f"A stack already runs on {used_layout.state_dir} (process {run.process.pid}"
            in second.output
        )
        assert run.process.poll() is None


def test_a_port_that_is_taken_is_said_to_be(used_layout: Layout, port: int, procfile: Path) -> None:
    with socket.create_server(("127.0.0.1", port)), stack(used_layout, port, procfile) as run:
        assert run.finish() == 1
    assert f"Port {port} is taken" in run.output
    assert processes_of(used_layout) == []


def test_only_some_can_be_run(used_layout: Layout, port: int, procfile: Path) -> None:
    with stack(used_layout, port, procfile, "postgres", "valkey") as run:
        run.read_until("Ready")
        assert used_layout.valkey_socket.exists()
        assert is_free(port)
    assert eventually(lambda: processes_of(used_layout) == [])


def test_a_name_that_is_not_there_is_refused(
    used_layout: Layout, port: int, procfile: Path
) -> None:
    with stack(used_layout, port, procfile, "wbe") as run:
        assert run.finish() == 1
    assert "Unknown: wbe. There are: postgres, valkey, web, idle." in run.output


def test_a_server_that_dies_comes_back(used_layout: Layout, port: int, procfile: Path) -> None:
    with stack(used_layout, port, procfile, "valkey") as run:
        run.read_until("Ready")
        (server,) = [
            process for process in processes_of(used_layout) if process.name() == "valkey-server"
        ]
        server.kill()
        run.read_until("valkey died")
        assert eventually(lambda: _answers(used_layout))
        run.process.send_signal(signal.SIGTERM)
        assert run.finish() == 0


def _answers(layout: Layout) -> bool:
    return any(
        process.name() == "valkey-server" and process.status() != psutil.STATUS_ZOMBIE
        for process in processes_of(layout)
    )
