"""A TCP port that speaks TLS in front of a server that does not: the embedded Valkey is built without it."""

import socket
import socketserver
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from config.devstack.ports import LOOPBACK
from tests.forwarding import QuietServer, carry

HANDSHAKE = b"\x16"  # with which TLS begins, and no command of Redis (RFC 8446, section 5.1)


@dataclass
class TlsDoor:
    """`port` is the door's, `handshakes` counts those that came to their end."""

    port: int
    chain: Path
    handshakes: int = 0

    def present(self, chain: Path) -> None:
        """Another certificate, to whoever comes from now on."""
        self.chain = chain


@contextmanager
def tls_door(target: int, chain: Path, *, plain: bool = False) -> Iterator[TlsDoor]:
    """It leads to the port `target` for the length of the block, and has the key and certificate in `chain`.

    With `plain` it lets in who speaks no TLS too: a Sentinel tells clients the address at which it watches a server
    itself.
    """
    door: TlsDoor

    class Entering(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection((LOOPBACK, target)) as server:
                if plain and self.request.recv(1, socket.MSG_PEEK) != HANDSHAKE:
                    carry(self.request, server)
                    return
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(door.chain)
                with context.wrap_socket(self.request, server_side=True) as client:
                    door.handshakes += 1
                    carry(client, server)

    with QuietServer((LOOPBACK, 0), Entering) as listener:
        door = TlsDoor(int(listener.server_address[1]), chain)
        Thread(target=listener.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield door
        finally:
            listener.shutdown()
