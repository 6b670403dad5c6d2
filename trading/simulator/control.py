"""The simulator's levers, under `/__simulator__/`: JSON in, JSON out. `client.SimulatorControl` pulls them."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from trading.simulator.faults import Fault
from trading.simulator.messages import Reply, Request
from trading.simulator.refusals import KiteError
from trading.simulator.state import App, User, random_word
from trading.simulator.traps import TRAPS

if TYPE_CHECKING:
    from trading.simulator.dispatch import KiteSimulator

PREFIX = "/__simulator__/"


class _Order(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewSecret(_Order):
    api_key: str


class Grant(_Order):
    api_key: str
    user_id: str


class WhichSessions(_Order):
    api_key: str | None = None
    user_id: str | None = None


class SetClock(_Order):
    """`now` null gives the machine's time back."""

    now: AwareDatetime | None
    stopped: bool = False


class SetRateLimit(_Order):
    per_second: float | None = Field(gt=0)


class QueueFault(_Order):
    """A named trap or a fault of one's own, for a route such as `GET /user/profile`, or for `*`."""

    route: str
    trap: str | None = None
    fault: Fault | None = None
    times: int = Field(1, ge=1, le=1000)


def answer(simulator: "KiteSimulator", request: Request) -> Reply:
    lever = LEVERS.get((request.method, request.path.removeprefix(PREFIX)))
    if lever is None:
        return Reply.json({"error": "There is no such lever."}, status=404)
    try:
        return Reply.json(lever(simulator, request.body or b"{}"))
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        return Reply.json(
            {"error": "The order is not well formed.", "errors": problems}, status=400
        )
    except KiteError as error:
        return Reply.json({"error": error.message}, status=400)


def report_health(_simulator: "KiteSimulator", _body: bytes) -> Any:
    return {"status": "ok"}


def create_app(simulator: "KiteSimulator", body: bytes) -> Any:
    app = App.model_validate_json(body)
    simulator.state.book.apps[app.api_key] = app
    return app.model_dump(mode="json")


def change_secret(simulator: "KiteSimulator", body: bytes) -> Any:
    """A new secret for an app. Its sessions live on."""
    app = simulator.state.app(NewSecret.model_validate_json(body).api_key)
    app.api_secret = random_word()
    return app.model_dump(mode="json")


def create_user(simulator: "KiteSimulator", body: bytes) -> Any:
    user = User.model_validate_json(body)
    simulator.state.book.users[user.user_id] = user
    return user.model_dump(mode="json")


def grant_request_token(simulator: "KiteSimulator", body: bytes) -> Any:
    """What walking through the login page would bring."""
    grant = Grant.model_validate_json(body)
    token = simulator.state.issue_request_token(api_key=grant.api_key, user_id=grant.user_id)
    return {"request_token": token}


def list_sessions(simulator: "KiteSimulator", _body: bytes) -> Any:
    return [session.model_dump(mode="json") for session in simulator.state.living_sessions()]


def end_sessions(simulator: "KiteSimulator", body: bytes) -> Any:
    """As the broker's master logout does."""
    which = WhichSessions.model_validate_json(body)
    ended = simulator.state.end_sessions(api_key=which.api_key, user_id=which.user_id)
    return {"ended": ended}


def read_clock(simulator: "KiteSimulator", _body: bytes) -> Any:
    return {"now": _text(simulator.clock.now())}


def set_clock(simulator: "KiteSimulator", body: bytes) -> Any:
    order = SetClock.model_validate_json(body)
    if order.now is None:
        simulator.clock.reset()
    else:
        simulator.clock.set(order.now, stopped=order.stopped)
    return read_clock(simulator, body)


def set_rate_limit(simulator: "KiteSimulator", body: bytes) -> Any:
    order = SetRateLimit.model_validate_json(body)
    simulator.buckets.set(order.per_second)
    return {"per_second": order.per_second}


def queue_fault(simulator: "KiteSimulator", body: bytes) -> Any:
    order = QueueFault.model_validate_json(body)
    fault = TRAPS.get(order.trap) if order.trap else order.fault
    if fault is None:
        raise KiteError("InputException", f"Give a fault or one of the traps {sorted(TRAPS)}.")
    simulator.faults.add(order.route, fault.model_copy(update={"times": order.times}))
    return simulator.faults.pending()


def list_faults(simulator: "KiteSimulator", _body: bytes) -> Any:
    return simulator.faults.pending()


def clear_faults(simulator: "KiteSimulator", _body: bytes) -> Any:
    simulator.faults.clear()
    return {}


def read_journal(simulator: "KiteSimulator", _body: bytes) -> Any:
    return [entry.model_dump(mode="json") for entry in simulator.journal.entries()]


def clear_journal(simulator: "KiteSimulator", _body: bytes) -> Any:
    simulator.journal.clear()
    return {}


def reset(simulator: "KiteSimulator", _body: bytes) -> Any:
    simulator.reset()
    return {}


def _text(instant: datetime) -> str:
    return instant.isoformat()


LEVERS: dict[tuple[str, str], Callable[["KiteSimulator", bytes], Any]] = {
    ("GET", "health"): report_health,
    ("POST", "apps"): create_app,
    ("POST", "apps/secret"): change_secret,
    ("POST", "users"): create_user,
    ("POST", "request-tokens"): grant_request_token,
    ("GET", "sessions"): list_sessions,
    ("DELETE", "sessions"): end_sessions,
    ("GET", "clock"): read_clock,
    ("PUT", "clock"): set_clock,
    ("PUT", "rate-limit"): set_rate_limit,
    ("GET", "faults"): list_faults,
    ("POST", "faults"): queue_fault,
    ("DELETE", "faults"): clear_faults,
    ("GET", "journal"): read_journal,
    ("DELETE", "journal"): clear_journal,
    ("POST", "reset"): reset,
}
