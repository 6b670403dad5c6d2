"""Pages for people show times on the clock of whoever is signed in; the console's are in UTC, which staff share."""

from collections.abc import Callable
from contextlib import nullcontext
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from accounts.browser import session_of

PAGES = "/accounts/"


class ClockMiddleware:
    """Below PAGES, "today" and the times in templates are the person's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        session = session_of(request) if request.path.startswith(PAGES) else None
        with timezone.override(ZoneInfo(session.user.timezone)) if session else nullcontext():
            return self.get_response(request)
