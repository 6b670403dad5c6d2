"""A load generator: so many connections, each with one request under way, for so many seconds."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from statistics import quantiles
from typing import Any

CONNECTIONS = 32
WARM_UP, MEASURED = 2.0, 8.0  # seconds


@dataclass
class Load:
    """What came of it. `refused` are answers other than 200."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    elapsed: float = MEASURED

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.elapsed

    @property
    def percentiles(self) -> str:
        parts = quantiles(self.seconds, n=100)
        refused = f", {self.refused} refused" if self.refused else ""
        return f"p50 {parts[49] * 1e3:.1f} ms, p99 {parts[98] * 1e3:.1f} ms{refused}"


def request(path: str, body: Any, *, token: str = "", method: str = "POST") -> bytes:
    """One request of HTTP/1.1, ready to be sent."""
    content = json.dumps(body).encode() if method == "POST" else b""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
        *([f"Authorization: Bearer {token}"] if token else []),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def put_load(port: int, requests: Sequence[bytes]) -> Load:
    """Send the requests in turn, over and over."""
    return asyncio.run(_load(port, requests))


def ask(port: int, sent: bytes) -> Any:
    """One request and the JSON that came back."""

    async def once() -> Any:
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(_Client, "127.0.0.1", port)
        status, body = await client.exchange(sent)
        if status != 200:
            raise RuntimeError(f"{status}: {body[:300]!r}")
        return json.loads(body)

    return asyncio.run(once())


async def _load(port: int, requests: Sequence[bytes]) -> Load:
    loop = asyncio.get_running_loop()
    found = Load()
    begin = loop.time() + WARM_UP
    end = begin + MEASURED

    async def one(number: int) -> None:
        start = number % len(requests)
        mine = cycle([*requests[start:], *requests[:start]])
        _, client = await loop.create_connection(_Client, "127.0.0.1", port)
        while loop.time() < end:
            begun = time.perf_counter()
            status, _ = await client.exchange(next(mine))
            if loop.time() >= begin:
                found.seconds.append(time.perf_counter() - begun)
                found.refused += status != 200

    await asyncio.gather(*(one(number * 7) for number in range(CONNECTIONS)))
    return found


class _Client(asyncio.Protocol):
    """One connection that is kept; answers have a Content-Length."""

    def __init__(self) -> None:
        self._received = b""
        self._waiting: asyncio.Future[tuple[int, bytes]] | None = None
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionError("closed"))

    def exchange(self, sent: bytes) -> "asyncio.Future[tuple[int, bytes]]":
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(sent)
        return self._waiting

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, ended, rest = self._received.partition(b"\r\n\r\n")
        if not ended:
            return
        lowered = head.lower()
        at = lowered.find(b"content-length:")
        if at < 0:
            raise RuntimeError("An answer without a length")
        length = int(lowered[at + 15 :].partition(b"\r\n")[0])
        if len(rest) >= length and self._waiting is not None:
            self._received = rest[length:]
            self._waiting.set_result((int(head.split(b" ", 2)[1]), rest[:length]))
