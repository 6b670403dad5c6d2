"""What every request leaves behind: an access line, numbers, and where somebody wants them, traces."""

import time
from collections.abc import Callable
from typing import Any

import structlog
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django_prometheus.middleware import PrometheusAfterMiddleware

from config.telemetry import tracing
from config.telemetry.access import NO_ROUTE, route_of, write_access_line


class AccessLogMiddleware:
    """Runs inside the request's context, so that the access line carries who asked, and outside all else.

    What anybody binds to the log lines of a request is forgotten with it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(route=NO_ROUTE)
        try:
            response = self.get_response(request)
            write_access_line(request, response, seconds=time.perf_counter() - began)
            return response
        finally:
            structlog.contextvars.clear_contextvars()

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> None:
        structlog.contextvars.bind_contextvars(route=route_of(request))


class TracingMiddleware:
    """A span for each request, where traces are told at all; around the access line, so that it carries the trace."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not tracing.is_on():
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with (
            tracing.span(str(request.method), kind="server") as span,
            tracing.statements(span),
        ):
            response = self.get_response(request)
            route = route_of(request)
            span.update_name(f"{request.method} {route}")
            span.set_attribute("http.request.method", str(request.method))
            span.set_attribute("http.route", route)
            span.set_attribute("http.response.status_code", response.status_code)
            return response


class RequestMetricsMiddleware(PrometheusAfterMiddleware):  # type: ignore[misc]
    """django-prometheus's numbers of requests and answers, innermost so that it knows the view.

    It reads a Content-Length that is no number as none, where the library would fail.
    """

    def process_request(self, request: HttpRequest) -> None:
        if not request.META.get("CONTENT_LENGTH", "").isdecimal():
            request.META["CONTENT_LENGTH"] = ""
            vars(request).pop("headers", None)  # made from META when first read, and again now
        super().process_request(request)
