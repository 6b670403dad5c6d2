"""What stands around every page: the menu of "My account", and the choice of a language."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from accounts.browser import session_of
from accounts.pages.sections import sections


def frame(request: HttpRequest) -> dict[str, Any]:
    """A context processor; nothing of it is looked up before a page shows it."""
    return {
        "frame_menu": SimpleLazyObject(lambda: _menu(request)),
        "frame_languages": SimpleLazyObject(_other_languages),
    }


def _menu(request: HttpRequest) -> list[dict[str, Any]]:
    """The entries for whoever is signed in; none for others."""
    if session_of(request) is None:
        return []
    entries = [(section.title, reverse(section.view)) for section in sections()]
    here = max(
        (path for _, path in entries if request.path.startswith(path)),
        key=len,
        default=request.path,
    )
    return [{"title": title, "path": path, "is_here": path == here} for title, path in entries]


def _other_languages() -> list[dict[str, str]]:
    return [
        {"code": code, "name": name} for code, name in settings.LANGUAGES if code != get_language()
    ]
