"""The refresh token in a cookie, for browsers that must not show it to their scripts."""

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import ForeignOriginError

NAME = "__Host-refresh_token"


def put(response: Response, token: str, *, max_age: int) -> None:
    """Set the cookie; `__Host-` binds it to our own host over TLS (RFC 6265bis section 4.1.3.2)."""
    response.set_cookie(
        NAME, token, max_age=max_age, path="/", secure=True, httponly=True, samesite="Strict"
    )


def take_away(response: Response) -> None:
    """Only at sign-out: a refresh that lost a race must not clear the cookie that the winner set."""
    response.set_cookie(
        NAME, "", max_age=0, path="/", secure=True, httponly=True, samesite="Strict"
    )


def read(request: Request) -> str | None:
    """The token in the cookie, or None. Raises ForeignOriginError unless our own origin sent the request."""
    token = request.COOKIES.get(NAME)
    if token is None:
        return None
    ours = {settings.ENVIRONMENT.public_url, *settings.ENVIRONMENT.cors_allowed_origins}
    if request.headers.get("Origin") not in ours:
        raise ForeignOriginError
    return token
