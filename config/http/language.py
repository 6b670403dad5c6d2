"""In which language a page is: the one chosen in this browser, else the person's own, else what the browser asks for.

The API, its problem documents and everything that works without a request speak English.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers


class LanguageMiddleware:
    """Pages, which lie below READERS_PAGES, and those answers below READERS_ANSWERS that a browser wants as a page.

    View and template run in the reader's language.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not _is_for_a_reader(request):
            return self.get_response(request)
        language = language_of(request)
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


def _is_for_a_reader(request: HttpRequest) -> bool:
    if request.path.startswith(settings.READERS_PAGES):
        return True
    wants_a_page = "text/html" in request.headers.get("Accept", "")
    return wants_a_page and request.path.startswith(settings.READERS_ANSWERS)


def language_of(request: HttpRequest) -> str:
    """One of LANGUAGES."""
    known = dict(settings.LANGUAGES)
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    if chosen in known:
        return chosen
    own = getattr(getattr(request, "user", None), "locale", None)
    return own if own in known else translation.get_language_from_request(request)


def remember(response: HttpResponseBase, language: str) -> None:
    """This browser's choice."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
