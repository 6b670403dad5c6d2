"""A short way through the middleware for the few addresses that most requests go to.

What the long way adds for browsers (sessions, CSRF, messages, static files, CORS) means nothing to a machine that sends
a token and reads JSON. Whoever looks like a browser goes the long way all the same.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.module_loading import import_string

from config.http.errors import answer_to

View = TypeVar("View", bound=Callable[..., HttpResponse])
LONGEST = 64  # of an address that may be one of them
KNOWN = 256  # addresses of which it is remembered; who sends others pays for a look at the map

HEADERS = {
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


def short_way(view: View) -> View:
    """Let requests for `view` go the short way. Tokens open it, never cookies, and its address has no variable part."""
    view.short_way = True  # type: ignore[attr-defined]
    return view


class ShortWayMiddleware:
    """Answers requests for views marked `short_way` through `SHORT_WAY_MIDDLEWARE` alone; everything else goes on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._known: dict[str, ResolverMatch | None] = {}
        self._short: Callable[[HttpRequest], HttpResponseBase] = _view
        self._before_view: list[Callable[..., Any]] = []
        for name in reversed(settings.SHORT_WAY_MIDDLEWARE):
            middleware = import_string(name)(self._short)
            if hasattr(middleware, "process_view"):
                self._before_view.insert(0, middleware.process_view)
            self._short = middleware

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        match = self._match(request.path_info)
        if match is None or "HTTP_ORIGIN" in request.META:
            return self.get_response(request)
        request.resolver_match = match
        structlog.contextvars.bind_contextvars(route=f"/{match.route}")
        for look in self._before_view:
            look(request, match.func, (), {})
        response = self._short(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if isinstance(response, HttpResponse):
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response

    def _match(self, path: str) -> ResolverMatch | None:
        if len(path) > LONGEST:
            return None
        if path in self._known:
            return self._known[path]
        try:
            match: ResolverMatch | None = resolve(path)
        except Resolver404:
            match = None
        if match is not None and (match.kwargs or not hasattr(match.func, "short_way")):
            match = None
        if len(self._known) < KNOWN:
            self._known[path] = match
        return match


def _view(request: HttpRequest) -> HttpResponseBase:
    assert request.resolver_match is not None  # noqa: S101 - the middleware has just set it
    try:
        answer: HttpResponseBase = request.resolver_match.func(request)
    except Exception as error:
        foreseen = answer_to(error, request)
        if foreseen is None:
            raise
        return foreseen
    return answer
