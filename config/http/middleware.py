"""The outermost layer: gives every request its id and context, and every failure one shape."""

import re
from collections.abc import Callable
from secrets import token_hex

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from config.geography import country_told_by
from config.http import problems
from config.http.client_certificate import certificate_thumbprint
from config.http.client_ip import client_ip
from config.http.context import RequestContext, acting
from config.http.errors import answer_to, problem_for_status, speaks_problems

SAFE_REQUEST_ID = re.compile(r"[A-Za-z0-9._~:/+=@-]{1,128}")
TRACEPARENT = re.compile(
    r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"
)  # W3C Trace Context section 3.2
LONGEST_USER_AGENT = 512


class RequestContextMiddleware:
    """Runs each request in its `RequestContext`, refuses bodies that are too large, or of a length that WSGI cannot
    know, before they are read, and sees to it that an error answer of the API is a problem document whoever made it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with acting(_context_of(request)) as context:
            response = self._answer(request)
            response["X-Request-ID"] = context.request_id
            return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return answer_to(exception, request)

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        if "HTTP_TRANSFER_ENCODING" in request.META:
            return problems.render(problems.LengthRequiredError(), request)
        if _declared_length(request) > settings.ENVIRONMENT.max_body_bytes:
            return problems.render(problems.PayloadTooLargeError(), request)
        response = self.get_response(request)
        if response.status_code >= 400 and speaks_problems(request) and not _is_problem(response):
            return problem_for_status(request, response)
        return response


def _context_of(request: HttpRequest) -> RequestContext:
    meta = request.META  # `request.headers` makes a dictionary of all of them first
    given = meta.get("HTTP_X_REQUEST_ID", "")
    traceparent = meta.get("HTTP_TRACEPARENT", "")
    return RequestContext(
        request_id=given if SAFE_REQUEST_ID.fullmatch(given) else token_hex(16),
        actor_type="anonymous",
        ip=client_ip(meta, settings.ENVIRONMENT.trusted_proxies),
        country=country_told_by(meta),
        user_agent=_printable(meta.get("HTTP_USER_AGENT", ""))[:LONGEST_USER_AGENT],
        client_certificate=certificate_thumbprint(
            meta,
            header=settings.ENVIRONMENT.client_certificate_header,
            trusted=settings.ENVIRONMENT.trusted_proxies,
        ),
        traceparent=traceparent if TRACEPARENT.fullmatch(traceparent) else "",
    )


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())


def _declared_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _is_problem(response: HttpResponseBase) -> bool:
    """Or the page `for_people` that a view made of one, for a browser that it sent somewhere and that came back."""
    if getattr(response, "for_people", False):
        return True
    return bool(
        response.get("Content-Type", "").startswith((problems.CONTENT_TYPE, "application/json"))
    )
