"""From whatever went wrong to the problem that says so: DRF's exceptions, Django's, and bare error answers."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

import structlog
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
)
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework import exceptions
from rest_framework.views import set_rollback

from config.http import problems
from config.http.problems import MOST_ERRORS, FieldError, ProblemError

log = structlog.get_logger(__name__)

API_PREFIXES = ("/v1/", "/access/", "/.well-known/", "/livez", "/readyz", "/health", "/metrics")
BEARER = {"WWW-Authenticate": "Bearer"}  # RFC 6750 section 3: no error code when no token was sent

BY_STATUS: dict[int, type[ProblemError]] = {
    400: problems.InvalidRequestError,
    401: problems.UnauthenticatedError,
    403: problems.ForbiddenError,
    404: problems.NotFoundError,
    405: problems.MethodNotAllowedError,
    406: problems.NotAcceptableError,
    409: problems.ConflictError,
    411: problems.LengthRequiredError,
    412: problems.PreconditionFailedError,
    413: problems.PayloadTooLargeError,
    415: problems.UnsupportedMediaTypeError,
    428: problems.PreconditionRequiredError,
    429: problems.RateLimitedError,
    503: problems.UnavailableError,
}


def speaks_problems(request: HttpRequest) -> bool:
    """Whether errors at this address are for machines; pages for people keep Django's HTML."""
    return request.path.startswith(API_PREFIXES)


def exception_handler(error: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """DRF's EXCEPTION_HANDLER. None lets an unforeseen error pass to Django, which logs it and answers 500."""
    problem = as_problem(error)
    if problem is None:
        return None
    set_rollback()
    return problems.render(problem, context["request"]._request)


def answer_to(error: Exception, request: HttpRequest) -> HttpResponse | None:
    """The answer to what a plain view raised. None for an unforeseen error, which is Django's to log and to answer by
    500, and on pages for people for one of the database.
    """
    foreseen = isinstance(error, ProblemError | RequestDataTooBig)
    unavailable = isinstance(error, OperationalError | InterfaceError)
    if not foreseen and not (unavailable and speaks_problems(request)):
        return None
    problem = as_problem(error)
    return problems.render(problem, request) if problem else None


def as_problem(error: Exception) -> ProblemError | None:
    """The problem that tells of `error`, or None when nobody foresaw it."""
    if isinstance(error, ProblemError):
        return error
    for kinds, translate in TRANSLATIONS:
        if isinstance(error, kinds):
            return translate(error)
    return None


def _no_database(error: Exception) -> ProblemError:
    """PostgreSQL is away, restarts, changes its primary or gave up: nobody's fault who asks, soon over (PEP 249)."""
    cause = error.__cause__ or error
    log.error(
        "database_unavailable", kind=type(cause).__name__, sqlstate=getattr(cause, "sqlstate", None)
    )
    return problems.UnavailableError(headers={"Retry-After": "1"})


TRANSLATIONS: tuple[
    tuple[type[Exception] | tuple[type[Exception], ...], Callable[[Any], ProblemError]], ...
] = (
    (
        exceptions.ValidationError,
        lambda e: problems.InvalidRequestError(errors=islice(_flatten(e.detail), MOST_ERRORS)),
    ),
    (ModelValidationError, lambda e: problems.InvalidRequestError(errors=_model_errors(e))),
    (exceptions.ParseError, lambda e: problems.MalformedBodyError(str(e.detail))),
    (
        (exceptions.NotAuthenticated, exceptions.AuthenticationFailed),
        lambda _: problems.UnauthenticatedError(headers=BEARER),
    ),
    ((Http404, exceptions.NotFound), lambda _: problems.NotFoundError()),
    ((PermissionDenied, exceptions.PermissionDenied), lambda _: problems.ForbiddenError()),
    (
        exceptions.APIException,
        lambda e: BY_STATUS.get(e.status_code, problems.InternalError)(str(e.detail)),
    ),
    ((OperationalError, InterfaceError), _no_database),
    (RequestDataTooBig, lambda _: problems.PayloadTooLargeError()),
    ((SuspiciousOperation, TooManyFieldsSent), lambda _: problems.InvalidRequestError()),
)


def _flatten(detail: Any, path: str = "") -> Iterator[FieldError]:
    """DRF's nested dictionaries and lists of messages as flat errors with dotted paths."""
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            here = path if key == "non_field_errors" else f"{path}.{key}" if path else str(key)
            yield from _flatten(value, here)
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            nested = isinstance(value, Mapping | list)
            yield from _flatten(value, f"{path}[{index}]" if nested and value else path)
    else:
        yield FieldError(field=path, code=getattr(detail, "code", "invalid"), detail=str(detail))


def _model_errors(error: ModelValidationError) -> Iterator[FieldError]:
    fields = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    for field, failures in fields.items():
        for failure in failures:
            name = "" if field == "__all__" else field
            yield FieldError(field=name, code=failure.code or "invalid", detail=failure.messages[0])


def problem_for_status(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    """The problem in place of an error answer that came without one (Django's 404, 405, CSRF page …)."""
    fallback = (
        problems.InternalError if response.status_code >= 500 else problems.InvalidRequestError
    )
    error = BY_STATUS.get(response.status_code, fallback)()
    rendered = problems.render(error, request)
    for name in ("Allow", "Retry-After", "WWW-Authenticate"):
        if response.has_header(name):
            rendered[name] = response[name]
    rendered.cookies = response.cookies
    return rendered
