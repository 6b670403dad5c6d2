"""Where a browser may be sent with a code: the registered redirect URIs, compared letter by letter (RFC 9700 2.1)."""

import re
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from accounts.errors import RedirectUriNotRegisteredError

ANY_PORT = (
    ":*/"  # registered so, the port of a loopback address is left to the app (RFC 8252 section 7.3)
)


def require_registered(uri: str) -> None:
    """Raises RedirectUriNotRegisteredError."""
    if not any(_is(uri, registered) for registered in settings.ENVIRONMENT.handoff_redirect_uris):
        raise RedirectUriNotRegisteredError


def with_parameters(uri: str, **parameters: str) -> str:
    """`uri` with `parameters` after those that it has."""
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode(parameters)}"


def spoken(uri: str) -> str:
    """What people call where `uri` leads: its host, or the scheme of an app."""
    parts = urlsplit(uri)
    return parts.hostname or parts.scheme


def _is(uri: str, registered: str) -> bool:
    if ANY_PORT not in registered:
        return uri == registered
    before, _, after = registered.partition(ANY_PORT)
    match = re.fullmatch(f"{re.escape(before)}:([0-9]{{1,5}})/{re.escape(after)}", uri, re.ASCII)
    return match is not None and 0 < int(match[1]) < 65_536
