"""The simulator's socket: HTTP/1.1 with keep-alive, and every byte under our control, for faults."""

import logging
import socket
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, Self

from trading.simulator.client import SimulatorControl
from trading.simulator.dispatch import KiteSimulator
from trading.simulator.faults import Fault
from trading.simulator.messages import Reply, Request
from trading.simulator.statefile import StateFile

MAX_BODY = 1024 * 1024  # room for a fault with a large body

logger = logging.getLogger(__name__)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, address: tuple[str, int], simulator: KiteSimulator, state_file: StateFile | None
    ) -> None:
        self.simulator = simulator
        self.state_file = state_file
        self.stopping = Event()
        self._open: set[socket.socket] = set()
        self._open_lock = Lock()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End every connection, so that no thread waits for a next request."""
        self.stopping.set()
        with self._open_lock:
            for connection in self._open:
                with suppress(OSError):  # it may have ended by itself
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        logger.exception("The simulator failed on a request")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    disable_nagle_algorithm = True
    server: _Server

    def handle(self) -> None:
        with suppress(ConnectionError):  # clients hang up in mid-answer: time-outs are tested here
            super().handle()

    def _respond(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY:
            self.close_connection = True
            self._send(Reply(status=413 if length.isdecimal() else 400), None)
            return
        request = Request(
            method=self.command,
            target=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(length)),
        )
        reply, fault = self.server.simulator.answer(request)
        self._keep_state()
        logger.info("%s %s %s", request.method, request.path, reply.status)
        if fault is not None and fault.delay:
            self.server.stopping.wait(fault.delay)
        self._send(reply, fault)

    do_GET = do_POST = do_PUT = do_DELETE = _respond  # noqa: N815 - http.server looks them up by name

    def _keep_state(self) -> None:
        if self.server.state_file is not None:
            with self.server.simulator.lock:
                self.server.state_file.save(self.server.simulator.state.book)

    def _send(self, reply: Reply, fault: Fault | None) -> None:
        fault = fault or Fault()
        if fault.raw is not None or fault.drop is not None:
            self.close_connection = True
        if fault.raw is not None:
            self.wfile.write(fault.raw)
        elif fault.drop != "before_headers":
            self._send_whole(reply, fault)

    def _send_whole(self, reply: Reply, fault: Fault) -> None:
        cut = fault.drop == "after_headers"
        head = self._head(reply, announced=len(reply.body) + cut)
        if fault.drip and not cut:
            self.wfile.write(head)
            for byte in reply.body:
                if self.server.stopping.wait(fault.drip):
                    return
                self.wfile.write(bytes([byte]))
        else:
            self.wfile.write(head if cut else head + reply.body)

    def _head(self, reply: Reply, *, announced: int) -> bytes:
        headers = {"Content-Length": str(announced)} | reply.headers
        if int(headers["Content-Length"]) > len(reply.body):
            self.close_connection = True  # the rest will never come
        phrase = HTTPStatus(reply.status).phrase if reply.status in set(HTTPStatus) else "Odd"
        lines = [f"HTTP/1.1 {reply.status} {phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if self.close_connection:
            lines.append("Connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Nothing here: the base class would log query strings, and logout has a token in its own."""


class SimulatorServer:
    """A simulator that listens, until the `with` block ends. `port` 0 takes a free one.

    `.url` is its root, `.control` pulls its levers. The request limit is off unless given.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        requests_per_second: float | None = None,
        demo_redirect_url: str | None = None,
        state_path: Path | None = None,
    ) -> None:
        state_file = StateFile(state_path) if state_path else None
        simulator = KiteSimulator(
            book=state_file.load() if state_file else None,
            demo_redirect_url=demo_redirect_url,
            requests_per_second=requests_per_second,
        )
        self._server = _Server((host, port), simulator, state_file)
        self._thread = Thread(
            target=self._server.serve_forever, args=(0.05,), name="kite-simulator", daemon=True
        )
        self.url = f"http://{host}:{self._server.server_address[1]}"
        self.login_url = f"{self.url}/connect/login"
        self.control = SimulatorControl(self.url)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Take no more requests and end those under way."""
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
