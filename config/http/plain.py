"""Plain Django views that keep the API's conventions: for addresses where DRF would cost more than the answer."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import orjson
from django.http import HttpRequest, HttpResponse

from config.http import json, ratelimit
from config.http.problems import (
    InvalidRequestError,
    MalformedBodyError,
    MethodNotAllowedError,
    NotAcceptableError,
    UnauthenticatedError,
    UnsupportedMediaTypeError,
)
from config.http.ratelimit import Usage

View = Callable[..., HttpResponse]
ViewT = TypeVar("ViewT", bound=View)

JSON = "application/json"
ACCEPTED = ("*/*", "application/*", JSON)
CHALLENGE = {
    "WWW-Authenticate": "Bearer"
}  # RFC 6750 section 3: no error code when no token was sent


def plain_view(*, described_by: type[Any]) -> Callable[[ViewT], ViewT]:
    """For a view that a token, never a cookie, opens. The OpenAPI document takes its word from `described_by`."""

    def decorate(view: ViewT) -> ViewT:
        view.csrf_exempt = True  # type: ignore[attr-defined]
        view.cls = described_by  # type: ignore[attr-defined]
        view.initkwargs = {}  # type: ignore[attr-defined]
        return view

    return decorate


def demand_method(request: HttpRequest, *allowed: str) -> None:
    """Raises MethodNotAllowedError for any other method, NotAcceptableError for a caller who reads no JSON."""
    if request.method not in allowed:
        raise MethodNotAllowedError(headers={"Allow": ", ".join(allowed)})
    accept = request.META.get("HTTP_ACCEPT", "*/*")
    if accept != "*/*" and not any(kind in accept for kind in ACCEPTED):
        raise NotAcceptableError


def bearer_token(request: HttpRequest) -> str:
    """The token that came (RFC 6750 section 2.1). Raises UnauthenticatedError when none did."""
    header: str = request.META.get("HTTP_AUTHORIZATION", "")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise UnauthenticatedError(headers=CHALLENGE)
    return token.strip()


def body_object(request: HttpRequest) -> dict[str, Any]:
    """The JSON object in the body; no body is an empty one. Raises UnsupportedMediaTypeError, MalformedBodyError."""
    raw = request.body
    if not raw:
        return {}
    if not is_json(request):
        raise UnsupportedMediaTypeError
    return _object(raw)


def stated_object(request: HttpRequest) -> dict[str, Any]:
    """The same for those whose every mistake is a 400: another media type, and no body at all.

    Raises InvalidRequestError, MalformedBodyError.
    """
    if not is_json(request):
        raise InvalidRequestError("The Content-Type must be application/json.")
    return _object(request.body)


def is_json(request: HttpRequest) -> bool:
    """Whatever parameters the media type has."""
    stated: str = request.META.get("CONTENT_TYPE", "")
    return stated.partition(";")[0].strip().lower() == JSON


def _object(raw: bytes) -> dict[str, Any]:
    value = json.parse(raw)
    if not isinstance(value, dict):
        raise MalformedBodyError("The body must be a JSON object.")
    return value


def answered(
    document: Mapping[str, Any], *, usages: Sequence[Usage] = (), cache: str = "no-store"
) -> HttpResponse:
    """The document as the answer, with the rate limits' headers."""
    response = HttpResponse(orjson.dumps(document), content_type=JSON)
    response["Cache-Control"] = cache
    for name, value in ratelimit.headers(usages).items():
        response[name] = value
    return response
