"""Who is asking, from where: facts about the request in hand that events, audit rows and log lines carry."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, Literal

ActorType = Literal["user", "service", "system", "anonymous"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestContext:
    """One request, command or task. `actor_id` is a public id, or a name for `system`.

    `client_certificate` is the thumbprint (`x5t#S256`) of the certificate that the caller's connection was made with.
    """

    request_id: str = ""
    actor_type: ActorType = "system"
    actor_id: str = ""
    client_id: str = ""
    session_id: str = ""
    ip: str | None = None
    user_agent: str = ""
    country: str = ""
    device_fingerprint: str = ""
    client_certificate: str = ""
    traceparent: str = ""


SYSTEM = RequestContext()
_current: ContextVar[RequestContext] = ContextVar("request_context", default=SYSTEM)


def current() -> RequestContext:
    """The context in force; outside a request it is the system acting without an id."""
    return _current.get()


def amend(**changes: Any) -> None:
    """Add what has become known (the caller, after authentication) to the context in force."""
    _current.set(replace(_current.get(), **changes))


@contextmanager
def acting(context: RequestContext) -> Iterator[RequestContext]:
    """Run a block under `context` and restore the former one after it."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)
