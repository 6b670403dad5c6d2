"""A TCP port that leads to a Unix socket: the embedded servers have no other door, and know who comes through it.

So whoever connects to the port is taken for us. Containers and poolers, which are other users, get in like this.
"""

import select
import socket
import socketserver
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from config.devstack.ports import LOOPBACK

PIECE = 65_536  # bytes


@contextmanager
def forwarded(path: Path) -> Iterator[int]:
    """The port on the loopback interface, for the length of a block."""

    class Forwarding(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.socket(socket.AF_UNIX) as server:
                server.connect(str(path))
                carry(self.request, server)

    with QuietServer((LOOPBACK, 0), Forwarding) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()


def carry(one: socket.socket, other: socket.socket) -> None:
    """What each says to the other, until one of them has closed."""
    ways = {one: other, other: one}
    while True:
        for source in select.select(list(ways), [], [])[0]:
            data = source.recv(PIECE)
            while isinstance(source, ssl.SSLSocket) and source.pending():
                data += source.recv(PIECE)  # it is decrypted already, and `select` does not see it
            if not data:
                return
            ways[source].sendall(data)


class QuietServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever was killed in the middle has nothing to be told."""
