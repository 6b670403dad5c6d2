"""Problem details (RFC 9457): the one shape of every error that leaves the service.

A domain error is a class that carries its problem type, title and status once. Views never build a problem:
they let the error pass, and `render` is the one place that turns it into an answer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from config.http import context
from config.http.metrics import PROBLEMS

CONTENT_TYPE = "application/problem+json"
SUMMED_UP = 3  # fields that `detail` names; `errors` has them all
MOST_ERRORS = 50  # that one answer names: an answer is never much larger than its question


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field: a dotted path into the body, or the name of a query parameter or header."""

    field: str
    code: str
    detail: str


class ProblemError(Exception):
    """Base of every error that a caller may see. The docstring of a subclass is its page under `/errors/`.

    `slug` ends the problem's `type` URL, so it never changes once published.
    """

    slug: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong on our side"
    status: ClassVar[int] = 500

    registry: ClassVar[dict[str, type["ProblemError"]]] = {}
    do_not_call_in_templates = True  # the pages about problem types show classes

    def __init__(
        self,
        detail: str = "",
        *,
        errors: Iterable[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **extensions: Any,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extensions = extensions

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        taken = ProblemError.registry.setdefault(cls.slug, cls)
        if taken is not cls and not issubclass(cls, taken):
            raise TypeError(f"problem type {cls.slug!r} belongs to {taken.__qualname__} already")


class InternalError(ProblemError):
    """Something failed that the caller cannot mend. The `request_id` finds it in our logs; trying again may help."""

    slug = "internal-error"


class InvalidRequestError(ProblemError):
    """The request is well-formed JSON but does not say what it must; `errors` names each field."""

    slug = "invalid-request"
    title = "The request is not valid"
    status = 400


class MalformedBodyError(ProblemError):
    """The body is not JSON, is nested deeper than 32, names a key twice, or holds a number beyond 64 bits."""

    slug = "malformed-body"
    title = "The body cannot be read"
    status = 400


class UnauthenticatedError(ProblemError):
    """No credentials, or credentials that are not good any more. `WWW-Authenticate` names the scheme and the error."""

    slug = "unauthenticated"
    title = "Authentication is needed"
    status = 401


class StepUpRequiredError(ProblemError):
    """The action wants a session that proved a second factor within the last minutes (RFC 9470).

    Prove it at `POST /v1/auth/step-up` and repeat the request with the access token that it returns.
    """

    slug = "step-up-required"
    title = "A fresh second factor is needed"
    status = 401


class ForbiddenError(ProblemError):
    """The caller is known and may not do this."""

    slug = "forbidden"
    title = "Not allowed"
    status = 403


class ApiKeyNotAcceptedError(ForbiddenError):
    """Personal API keys do not open this, whatever their scopes: it wants the person, signed in. What keys open is
    listed in the guide to API keys.
    """

    slug = "api-key-not-accepted"
    title = "API keys are not accepted here"


class ClientNotBoundError(ForbiddenError):
    """Only a service client that is bound to networks or to a TLS certificate may do this, and this one is bound to
    neither. Staff bind it in the console or with `manage.py service_client update`.
    """

    slug = "client-not-bound"
    title = "The service client is not bound"


class NotFoundError(ProblemError):
    """Nothing here, or nothing that the caller may see."""

    slug = "not-found"
    title = "Not found"
    status = 404


class MethodNotAllowedError(ProblemError):
    """The resource exists and does not know this method; `Allow` lists those it knows."""

    slug = "method-not-allowed"
    title = "Method not allowed"
    status = 405


class NotAcceptableError(ProblemError):
    """The `Accept` header leaves no format that we can answer in; we speak JSON."""

    slug = "not-acceptable"
    title = "No acceptable format"
    status = 406


class ConflictError(ProblemError):
    """The request contradicts the present state of the resource."""

    slug = "conflict"
    title = "Conflict with the present state"
    status = 409


class PreconditionFailedError(ProblemError):
    """The resource has changed since the `ETag` given in `If-Match`; read it again."""

    slug = "precondition-failed"
    title = "The resource has changed"
    status = 412


class PreconditionRequiredError(ProblemError):
    """This resource is edited only with an `If-Match` header (RFC 6585 section 3)."""

    slug = "precondition-required"
    title = "If-Match is required"
    status = 428


class LengthRequiredError(ProblemError):
    """The body came in chunks (`Transfer-Encoding`), and we read only bodies whose `Content-Length` is told first."""

    slug = "length-required"
    title = "The length of the body is missing"
    status = 411


class PayloadTooLargeError(ProblemError):
    """The body is larger than we read."""

    slug = "payload-too-large"
    title = "The body is too large"
    status = 413


class UnsupportedMediaTypeError(ProblemError):
    """The body is not of a media type that this endpoint reads; send `application/json`."""

    slug = "unsupported-media-type"
    title = "Unsupported media type"
    status = 415


class RateLimitedError(ProblemError):
    """Too many requests; `Retry-After` says in how many seconds the next one may come."""

    slug = "rate-limited"
    title = "Too many requests"
    status = 429


class UnavailableError(ProblemError):
    """Something that we depend on does not answer; `Retry-After` says when trying again makes sense. What the request
    was to change may have been changed all the same: repeat it with its `Idempotency-Key`, or look first.
    """

    slug = "unavailable"
    title = "Temporarily unavailable"
    status = 503


def type_url(slug: str) -> str:
    """Where the page about the problem type `slug` is served."""
    return f"{settings.ENVIRONMENT.public_url}/errors/{slug}"


def document(error: ProblemError, *, instance: str) -> dict[str, Any]:
    """The problem document of `error` (RFC 9457 section 3) for the request path `instance`."""
    body: dict[str, Any] = {
        "type": type_url(error.slug),
        "title": error.title,
        "status": error.status,
        "detail": error.detail or _summary(error.errors) or error.title,
        "instance": instance,
        "request_id": context.current().request_id,
    }
    if error.errors:
        body["errors"] = [asdict(item) for item in error.errors]
    return body | error.extensions


def _summary(errors: Sequence[FieldError]) -> str:
    """What is wrong with the first fields, for who reads no further."""
    told = [f"{each.field}: {each.detail}" if each.field else each.detail for each in errors]
    more = [f"and {len(told) - SUMMED_UP} more"] if len(told) > SUMMED_UP else []
    return "; ".join([*told[:SUMMED_UP], *more])


def render(error: ProblemError, request: HttpRequest) -> HttpResponse:
    """The HTTP answer for `error`."""
    PROBLEMS.labels(error.slug).inc()
    response = HttpResponse(
        orjson.dumps(document(error, instance=request.path)),
        status=error.status,
        content_type=CONTENT_TYPE,
        headers=error.headers,
    )
    response["Cache-Control"] = "no-store"
    return response
