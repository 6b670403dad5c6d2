"""Who may enter the console: staff, once this browser's session has proved a second factor."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.browser import session_of
from accounts.services.step_up import is_fresh
from authz.services.roles import scopes_of
from mfa.services import factors

SCOPE = "console:access"
OPEN = ("/console/login/", "/console/logout/", "/console/sign-in-link", "/console/passkey-options")


def way_to_prove(request: HttpRequest, onward: str) -> HttpResponse | None:
    """The way to prove a second factor again, for what wants it fresh; None when it is (`config.http.proof`)."""
    session = session_of(request)
    if session is not None and is_fresh(session, acr="mfa"):
        return None
    return redirect(f"{reverse('prove-yourself')}?{urlencode({'next': onward})}")


class ConsoleDoorMiddleware:
    """Staff who have proved one factor alone are led to prove the second, or to set one up. Pages of the console never
    see them: `accounts.browser` has left them without scopes.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith("/console/") and request.path not in OPEN:
            session = session_of(request)
            weak = session is not None and session.acr != "mfa"
            if session is not None and weak and SCOPE in scopes_of(session.user_id):
                has_one = bool(factors.count(session.user))
                page = reverse("prove-yourself" if has_one else "security")
                return redirect(f"{page}?{urlencode({'next': request.get_full_path()})}")
        return self.get_response(request)
