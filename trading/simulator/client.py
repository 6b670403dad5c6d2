"""Pulls a running simulator's levers, in this process or in another."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from trading.simulator.control import PREFIX
from trading.simulator.faults import Fault
from trading.simulator.journal import Entry
from trading.simulator.state import App, Session, User


class SimulatorRefusedError(Exception):
    """The simulator did not take an order."""


class SimulatorControl:
    """`url` is the simulator's root, such as `http://127.0.0.1:8010`. Any answer but 200 raises."""

    def __init__(self, url: str) -> None:
        self.url = url

    def healthy(self) -> bool:
        return bool(self._order("GET", "health")["status"] == "ok")

    def create_app(self, *, redirect_url: str, **fields: Any) -> App:
        """Register an app; what is not given (`api_key`, `api_secret`, `name`) is drawn."""
        return App.model_validate(
            self._order("POST", "apps", {"redirect_url": redirect_url} | fields)
        )

    def change_secret(self, api_key: str) -> App:
        return App.model_validate(self._order("POST", "apps/secret", {"api_key": api_key}))

    def create_user(self, **fields: Any) -> User:
        """A client of the broker; what is not given (see `state.User`) is drawn."""
        return User.model_validate(self._order("POST", "users", fields))

    def grant_request_token(self, *, api_key: str, user_id: str) -> str:
        """The request token of a login that somebody walked through."""
        order = {"api_key": api_key, "user_id": user_id}
        return str(self._order("POST", "request-tokens", order)["request_token"])

    def sessions(self) -> list[Session]:
        """Those alive by the simulator's clock."""
        return [Session.model_validate(item) for item in self._order("GET", "sessions")]

    def end_sessions(self, *, api_key: str | None = None, user_id: str | None = None) -> int:
        """End those of one app, of one person, of both, or all; returns how many there were."""
        order = {"api_key": api_key, "user_id": user_id}
        return int(self._order("DELETE", "sessions", order)["ended"])

    def now(self) -> datetime:
        return datetime.fromisoformat(self._order("GET", "clock")["now"])

    def set_clock(self, instant: datetime | None, *, stopped: bool = False) -> None:
        """None: the machine's time."""
        now = instant and instant.isoformat()
        self._order("PUT", "clock", {"now": now, "stopped": stopped})

    def set_rate_limit(self, per_second: float | None) -> None:
        """None switches it off."""
        self._order("PUT", "rate-limit", {"per_second": per_second})

    def queue_fault(self, route: str, fault: Fault | str, *, times: int = 1) -> None:
        """`route` is `GET /user/profile` or `*`; `fault` one of your own, or the name of a trap."""
        order: dict[str, Any] = {"route": route, "times": times}
        if isinstance(fault, str):
            order["trap"] = fault
        else:
            order["fault"] = fault.model_dump(mode="json")
        self._order("POST", "faults", order)

    def pending_faults(self) -> dict[str, int]:
        pending: dict[str, int] = self._order("GET", "faults")
        return pending

    def clear_faults(self) -> None:
        self._order("DELETE", "faults")

    def journal(self, *, path: str | None = None, api_key: str | None = None) -> list[Entry]:
        """The requests so far, the oldest first; of one path, or with one API key anywhere in them."""
        entries = [Entry.model_validate(item) for item in self._order("GET", "journal")]
        return [
            entry
            for entry in entries
            if path in (None, entry.path)
            and (api_key is None or api_key in entry.model_dump_json())
        ]

    def clear_journal(self) -> None:
        self._order("DELETE", "journal")

    def reset(self) -> None:
        """Forget everything but the demo."""
        self._order("POST", "reset")

    def _order(self, method: str, lever: str, order: dict[str, Any] | None = None) -> Any:
        with self._connection() as connection:
            connection.request(
                method, PREFIX + lever, body=None if order is None else json.dumps(order)
            )
            response = connection.getresponse()
            answer = response.read()
        if response.status != 200:
            raise SimulatorRefusedError(f"{response.status} {answer.decode(errors='replace')}")
        return json.loads(answer)

    @contextmanager
    def _connection(self) -> Iterator[HTTPConnection]:
        parts = urlsplit(self.url)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        try:
            yield connection
        finally:
            connection.close()
