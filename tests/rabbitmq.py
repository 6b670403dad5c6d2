"""A RabbitMQ of our own, from the system's package, on ports of this machine."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kombu import Connection

from config.devstack import ports
from config.devstack.process import Command, Process
from tests.waiting import wait_until

PROGRAM = shutil.which("rabbitmq-server") or ""
WHOLE_PROGRAM = Path(
    "/usr/lib/rabbitmq/bin/rabbitmq-server"
)  # the other one of Debian changes to a user of its own
START_LIMIT = 60.0  # seconds


@dataclass
class RabbitMQ:
    """What it keeps is in `folder`, and there again when it starts anew."""

    folder: Path
    port: int = field(default_factory=ports.any_free)
    names: int = field(default_factory=ports.any_free)  # the port of Erlang's register of names
    _process: Process | None = None

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@{ports.LOOPBACK}:{self.port}//"

    def start(self) -> None:
        """Until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        program = WHOLE_PROGRAM if WHOLE_PROGRAM.exists() else Path(PROGRAM)
        with (self.folder / "log").open("ab") as output:
            self._process = Process.start(
                Command(
                    name="rabbitmq",
                    argv=[str(program)],
                    environment=self._environment(),
                    grace=30,
                ),
                output=output,
            )
        wait_until(self.answers, "RabbitMQ", limit=START_LIMIT)

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()
            self._process = None
            # Erlang's register of names, which a node leaves running
            subprocess.run(
                ["epmd", "-port", str(self.names), "-kill"],  # noqa: S607 - it came with RabbitMQ
                check=False,
                stdout=subprocess.DEVNULL,
            )

    def answers(self) -> bool:
        with Connection(self.url, connect_timeout=1) as connection:
            try:
                connection.connect()
            except connection.connection_errors:  # an OSError is among them
                return False
        return True

    def _environment(self) -> Mapping[str, str]:
        return os.environ | {
            "HOME": str(self.folder),  # of Erlang's cookie
            "RABBITMQ_NODENAME": f"gatehouse{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": ports.LOOPBACK,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(ports.any_free()),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "none"),
            "ERL_EPMD_ADDRESS": ports.LOOPBACK,
            "ERL_EPMD_PORT": str(self.names),
        }


@contextmanager
def rabbitmq(folder: Path) -> Iterator[RabbitMQ]:
    server = RabbitMQ(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
