"""A server of somebody else's, with TLS under an authority of its own, for tests of what goes out."""

import http.server
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.authority import Authority

Handler = Callable[[http.server.BaseHTTPRequestHandler], None]


@dataclass
class HttpsServer:
    """`handler` answers each request and may be replaced; `paths` are those that were asked for."""

    port: int
    ca_file: Path
    handler: Handler
    paths: list[str] = field(default_factory=list)

    def url(self, path: str = "/", host: str = "localhost") -> str:
        return f"https://{host}:{self.port}{path}"


def answering(body: bytes, status: int = 200, **headers: str) -> Handler:
    """A handler that always says the same."""

    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return answer


@contextmanager
def https_server(folder: Path, *hosts: str) -> Iterator[HttpsServer]:
    """A server on a port of 127.0.0.1, with a certificate for `localhost` and `hosts`."""
    authority = Authority(folder)
    server: HttpsServer

    class Requests(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.paths.append(self.path)
            server.handler(self)

        do_POST = do_GET  # noqa: N815 - so `http.server` calls them

        def log_message(self, *_: Any) -> None:
            """A test's output is not the place."""

    class QuietServer(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """Callers that hang up are what some tests are about."""

        def server_bind(self) -> None:
            """Without the look-up of our own name, which may take seconds."""
            socket.socket.bind(self.socket, self.server_address)
            self.server_address = self.socket.getsockname()
            self.server_name, self.server_port = "localhost", self.socket.getsockname()[1]

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.certify("localhost", *hosts))
    with QuietServer(("127.0.0.1", 0), Requests) as listener:
        listener.socket = context.wrap_socket(
            listener.socket, server_side=True, do_handshake_on_connect=False
        )
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        server = HttpsServer(listener.server_port, authority.file, answering(b"{}"))
        try:
            yield server
        finally:
            listener.shutdown()
            thread.join()
