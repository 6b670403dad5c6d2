"""Real processes for the tests of the relay: Valkey servers that can be stopped, and relays that can be killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import redis
from django.conf import settings
from django.db import connection

from config.devstack.layout import Layout
from config.devstack.process import Process
from config.devstack.valkey import ValkeyServer

PATIENCE = 180  # seconds; how long a condition may take on a busy machine


class Valkey:
    """A server of our own, which keeps what it has when it is stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self._server = ValkeyServer(Layout(folder))
        self._process: Process | None = None
        self.url = self._server.layout.redis_url

    def start(self) -> None:
        self._process = self._server.start()

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()
            self._process = None

    def client(self) -> "redis.Redis":
        return redis.Redis.from_url(self.url, socket_timeout=PATIENCE)


class RelayProcess:
    """`manage.py relay_events` against the test's database and `valkey`."""

    def __init__(self, valkey: Valkey, *arguments: str, **environment: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "manage.py", "relay_events", *arguments],
            cwd=settings.BASE_DIR,
            env=os.environ
            | {"DATABASE_URL": database_url_of_the_tests(), "REDIS_URL": valkey.url}
            | {name.upper(): value for name, value in environment.items()},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._output = ""

    def kill(self) -> None:
        """With SIGKILL: nothing in it can notice."""
        self._process.kill()
        self.wait()

    def ask_to_stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        self._process.send_signal(how)

    def wait(self) -> tuple[int, str]:
        """The exit code and what it printed."""
        if not self._output:
            self._output, _ = self._process.communicate(timeout=PATIENCE)
        return self._process.returncode, self._output

    def end(self) -> None:
        """Leave nothing behind, and show what it printed to whoever looks into a failed test."""
        self._process.kill()
        print(self.wait()[1])


@contextmanager
def relays(
    valkey: Valkey, count: int = 1, *arguments: str, **environment: str
) -> Iterator[list[RelayProcess]]:
    """Relays for the length of a block; those that still run at its end are ended."""
    started = [RelayProcess(valkey, *arguments, **environment) for _ in range(count)]
    try:
        yield started
    finally:
        for relay in started:
            relay.end()


def environment_of_the_tests() -> dict[str, str]:
    """For a process of ours that is to see what this worker's tests see."""
    return os.environ | {
        "DATABASE_URL": database_url_of_the_tests(),
        "REDIS_URL": settings.REDIS_URL,
    }


def database_url_of_the_tests() -> str:
    """The database that this worker's tests run on, for another process."""
    known = connection.settings_dict
    user = quote(known["USER"]) + (f":{quote(known['PASSWORD'])}" if known["PASSWORD"] else "")
    if known["HOST"].startswith("/"):
        return f"postgresql://{user}@/{known['NAME']}?host={quote(known['HOST'])}"
    port = f":{known['PORT']}" if known["PORT"] else ""
    return f"postgresql://{user}@{known['HOST']}{port}/{known['NAME']}"
