"""Requests of every kind that go on while webs restart, and what came of them."""

import ssl
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

import httpx

HANDS = 8
PAUSE = 0.02  # seconds between two requests of one hand
PATIENCE = 30.0


@dataclass
class Load:
    """Eight clients: reads, and sign-ups that hash a password and write rows.

    Each is at an address of its own, unless they are `together`, as where a port of a container leads.
    """

    url: str
    authority: Path
    together: bool = False
    failures: list[str] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    sent_again: int = 0
    _over: Event = field(default_factory=Event)
    _threads: list[Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._threads = [Thread(target=self._work, args=(number,)) for number in range(HANDS)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def told(self) -> str:
        kinds = ", ".join(f"{kind}: {count}" for kind, count in sorted(self.answers.items()))
        return (
            f"{self.answers.total()} requests while the webs restarted ({kinds}); "
            f"{self.sent_again} sent again, {len(self.failures)} failed; the slowest took {self.slowest:.2f} s."
        )

    def _work(self, number: int) -> None:
        trust = ssl.create_default_context(cafile=self.authority)
        address = None if self.together else f"127.0.1.{number + 1}"
        way = httpx.HTTPTransport(verify=trust, local_address=address)
        with httpx.Client(base_url=self.url, transport=way, timeout=PATIENCE) as client:
            turn = 0
            while not self._over.wait(PAUSE):
                turn += 1
                if turn % 10 == 0:
                    self._ask(client, "POST", "/v1/auth/register", number=number, turn=turn)
                elif turn % 3 == 0:
                    self._ask(client, "GET", "/v1/users/me", number=number, turn=turn)
                else:
                    self._ask(client, "GET", "/.well-known/jwks.json", number=number, turn=turn)

    def _status(self, client: httpx.Client, method: str, path: str, body: object) -> int:
        """A connection that was kept may be closed just when it is used again: a read is then sent once more, as
        browsers do (RFC 9112 section 9.3.1).
        """
        try:
            return client.request(method, path, json=body).status_code
        except httpx.RemoteProtocolError:
            if method != "GET":
                raise
            self.sent_again += 1
            return client.request(method, path, json=body).status_code

    def _ask(self, client: httpx.Client, method: str, path: str, *, number: int, turn: int) -> None:
        body = (
            {
                "email": f"restart-{number}-{turn}@example.com",
                "password": "seven quiet rivers run",
                "name": "Ravi Iyer",
            }
            if method == "POST"
            else None
        )
        begun = time.perf_counter()
        try:
            status = self._status(client, method, path, body)
        except httpx.HTTPError as error:
            self.failures.append(f"{method} {path}: {type(error).__name__}: {error}")
            return
        self.slowest = max(self.slowest, time.perf_counter() - begun)
        self.answers[f"{method} {path} {status}"] += 1
        if status >= 500 or status in {400, 404}:
            self.failures.append(f"{method} {path}: {status}")
