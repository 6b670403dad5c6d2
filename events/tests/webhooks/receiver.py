"""Somebody's endpoint, on a real socket with TLS, that verifies what it gets as any receiver would."""

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import standardwebhooks

from config.http.tests.https_server import Handler, HttpsServer, answering, https_server

LOOPBACK = [ip_network("127.0.0.0/8"), ip_network("::1/128")]


@dataclass
class Message:
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> Any:
        return json.loads(self.body)

    def verified_with(self, secret: str) -> Any:
        """The event, if Standard Webhooks' own library takes the signature for `secret`'s; else it raises."""
        return standardwebhooks.Webhook(secret).verify(self.body, self.headers)


@dataclass
class Receiver:
    """`answer` is a status, or a handler of requests; `messages` are those that came."""

    server: HttpsServer
    answer: int | Handler = 204
    messages: list[Message] = field(default_factory=list)
    most_at_once: int = 0
    _at_once: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return self.server.url("/hooks")

    @property
    def ids(self) -> list[str]:
        return [message.id for message in self.messages]

    def receive(self, request: http.server.BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in request.headers.items()}
        with self._lock:
            self.messages.append(Message(headers, body))
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            answer = self.answer
            (answering(b"", answer) if isinstance(answer, int) else answer)(request)
        finally:
            with self._lock:
                self._at_once -= 1


@contextmanager
def receiving(folder: Path) -> Iterator[Receiver]:
    with https_server(folder) as server:
        receiver = Receiver(server)
        server.handler = receiver.receive
        yield receiver
