"""Fresh proof of a second factor, for what hurts in the console. Who can tell registers the way to ask for it."""

from typing import Protocol

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse


class Way(Protocol):
    """The way to prove oneself again and to come back to `onward`; None when no proof is wanted."""

    def __call__(self, request: HttpRequest, onward: str) -> HttpResponse | None: ...


_ways: list[Way] = []


def register(way: Way) -> None:
    """Called from an app's `ready()`, once for the service."""
    _ways[:] = [way]


def proof_wanted(request: HttpRequest, onward: str = "") -> HttpResponse | None:
    """What to answer instead, for a person whose proof is too old; None when it is fresh.

    Afterwards the person comes to `onward`, or back to where they are. Raises ImproperlyConfigured when nobody can
    tell.
    """
    if not _ways:
        raise ImproperlyConfigured("Nobody can tell whether a proof is fresh")
    return _ways[0](request, onward or request.get_full_path())
