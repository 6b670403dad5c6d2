"""The embedded servers, where their URLs are not set."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from config.devstack.layout import Layout
from config.devstack.postgres import PostgresServer
from config.devstack.process import Process
from config.devstack.valkey import ValkeyServer

POSTGRES, VALKEY = "postgres", "valkey"


def embedded(
    layout: Layout, wanted: Collection[str], *, durable: bool = True
) -> list[PostgresServer | ValkeyServer]:
    """Those of "postgres" and "valkey" that are wanted, in the order to start them."""
    servers: list[PostgresServer | ValkeyServer] = [
        PostgresServer(layout, durable=durable),
        ValkeyServer(layout, durable=durable),
    ]
    return [server for server in servers if server.name in wanted]


@dataclass
class Throwaway:
    """Servers for a test run: quick, unsafe, and gone with their folder at the end."""

    layout: Layout
    wanted: Collection[str]
    _processes: list[Process] = field(default_factory=list, init=False)

    def start(self, *, holds: Sequence[int] = ()) -> None:
        """Raises DevstackError when one does not come up; `stop` is still due."""
        held = list(holds)
        for server in embedded(self.layout, self.wanted, durable=False):
            process = server.start(holds=held)
            self._processes.append(process)
            held.append(process.handle)  # so that the first, which removes the folder, ends last

    def stop(self) -> None:
        while self._processes:
            self._processes.pop().stop()
