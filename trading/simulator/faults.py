"""Faults: what goes out in place of the right answer, queued per route."""

from collections import deque
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from trading.simulator.messages import JSON, Reply

ANY_ROUTE = "*"


class Fault(BaseModel):
    """One disturbed answer.

    With none of `status`, `body`, `raw` and `drop` the right answer goes out, late or slowly. Else the request
    takes effect only when `effect` says so: a broker can do what it was asked and fail to say it.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, ser_json_bytes="base64", val_json_bytes="base64"
    )

    status: int | None = Field(None, ge=100, le=999, description="Another status.")
    headers: dict[str, str | None] = Field(
        {}, description="Headers to set; None takes one away, Content-Type too."
    )
    body: bytes | None = Field(None, description="Another body, byte for byte.")
    raw: bytes | None = Field(None, description="These bytes and nothing of HTTP around them.")
    delay: float = Field(0, ge=0, le=60, description="Seconds before the first byte.")
    drip: float = Field(0, ge=0, le=10, description="Seconds before each byte of the body.")
    drop: Literal["before_headers", "after_headers"] | None = Field(
        None, description="Close the connection there."
    )
    effect: bool = Field(False, description="The request takes effect all the same.")
    times: int = Field(1, ge=1, le=1000, description="How many requests it meets.")

    @property
    def replaces_answer(self) -> bool:
        return any(part is not None for part in (self.status, self.body, self.raw, self.drop))

    @property
    def handles_request(self) -> bool:
        """Whether the simulator does what the request asks."""
        return self.effect or not self.replaces_answer

    def disturb(self, reply: Reply) -> Reply:
        """`reply` as this fault lets it out; how its bytes travel is up to the server."""
        headers = reply.headers if not self.replaces_answer else {"Content-Type": JSON}
        for name, value in self.headers.items():
            headers = {key: kept for key, kept in headers.items() if key.lower() != name.lower()}
            headers |= {} if value is None else {name: value}
        status = reply.status if self.status is None else self.status
        body = reply.body if self.body is None else self.body
        return Reply(status=status, headers=headers, body=body)


class FaultQueue:
    """First in, first out for each route (`GET /user/profile`); `*` meets whatever has none of its own."""

    def __init__(self) -> None:
        self._queues: dict[str, deque[Fault]] = {}

    def add(self, route: str, fault: Fault) -> None:
        self._queues.setdefault(route, deque()).extend([fault] * fault.times)

    def take(self, route: str) -> Fault | None:
        for name in (route, ANY_ROUTE):
            if self._queues.get(name):
                return self._queues[name].popleft()
        return None

    def clear(self) -> None:
        self._queues.clear()

    def pending(self) -> dict[str, int]:
        return {route: len(queue) for route, queue in self._queues.items() if queue}
