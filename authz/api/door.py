"""The way of a question to the engine and of the answer back, with one round trip to Redis for all that it wants:
the token's stamp, the entities' stamps, the rules' stamp, and the rate limit.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.http import HttpRequest, HttpResponse

from authz.api import callers
from authz.api.callers import Presumed
from authz.freshness import stamps as freshness
from authz.services import decisions
from config.http import plain, ratelimit
from config.http.permissions import require_scope_of_key
from config.http.principal import Principal
from config.http.problems import ProblemError

Asked = TypeVar("Asked")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and the stamps that were read on the way."""

    principal: Principal
    stamps: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Door(Generic[Asked]):
    """`read(body)` says what is asked, and raises a ProblemError for what is malformed; `about(asked)` names the
    entities in it; `answer(caller, asked)` is the answer's document, and raises ForbiddenError. `api_key_scope` is what
    a personal API key must hold, None where none is taken.
    """

    body: Callable[[HttpRequest], dict[str, Any]]
    read: Callable[[dict[str, Any]], Asked]
    about: Callable[[Asked], Collection[str]]
    answer: Callable[[Caller, Asked], Mapping[str, Any]]
    api_key_scope: str | None = None

    def open(self, request: HttpRequest) -> HttpResponse:
        """Strangers hear 401 before anything is said of their question.

        Raises UnauthenticatedError, RateLimitedError, ForbiddenError, and what `read` raises.
        """
        plain.demand_method(request, "POST")
        token = plain.bearer_token(request)
        asked, refusal = self._read(request)
        names = decisions.stamps_wanted(self.about(asked)) if asked is not None else set()
        principal, stamps, usage = _identify(request, token, names)
        require_scope_of_key(principal, self.api_key_scope)
        usages = ratelimit.demand([usage])
        if asked is None:
            assert refusal is not None  # noqa: S101 - there is one or the other
            raise refusal
        document = self.answer(Caller(principal, stamps), asked)
        return plain.answered(document, usages=usages)

    def _read(self, request: HttpRequest) -> tuple[Asked | None, ProblemError | None]:
        try:
            return self.read(self.body(request)), None
        except ProblemError as error:
            return None, error


def _identify(
    request: HttpRequest, token: str, names: Iterable[str]
) -> tuple[Principal, Mapping[str, str], ratelimit.Usage]:
    authenticator = callers.authenticator()
    presumed = authenticator.presume(token)
    commands = [] if presumed is None else [ratelimit.taking(*_bucket(presumed))]
    stamps, answers = freshness.current_and({authenticator.stamp, *names}, commands)
    principal = authenticator.authenticate(request, token, stamp=stamps[authenticator.stamp])
    came = answers[0] if answers else None
    usage = ratelimit.taken(*_bucket(Presumed(principal.type, principal.id)), came)
    return principal, stamps, usage


def _bucket(caller: Presumed) -> tuple[ratelimit.RateLimit, str]:
    limit = ratelimit.limit_of_everybody(service=caller.type == "service")
    return limit, f"{caller.type}:{caller.id}"
