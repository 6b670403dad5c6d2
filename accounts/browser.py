"""A browser that is signed in: Django's session stands for a row of ours, and is worth what that row is worth.

So "sign out everywhere", a suspension or a new password end it at once, wherever they come from.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user, login
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.models import Session, User
from accounts.models.session import EndReason
from accounts.services import sessions
from config.http import context

BACKEND = "accounts.browser.BrowserBackend"
OUR_SESSION = "session_id"
PAGES = {"/console/": "console", "/accounts/": "pages"}  # and who is the client there, on the trail
TOUCH_AFTER = timedelta(minutes=1)


class BrowserBackend(BaseBackend):
    """Finds who is signed in; opens to no password, as our own doors do that."""

    def get_user(self, user_id: UUID) -> User | None:
        """Asked at every request: a suspended person is out at once."""
        return User.objects.active().filter(pk=user_id).first()


def enter(request: HttpRequest, session: Session) -> None:
    """The browser is signed in as the person of `session`, under a new key: nothing of what it had before stays."""
    request.session.flush()
    login(request, session.user, backend=BACKEND)
    request.session[OUR_SESSION] = session.public_id
    left = int((session.expires_at - timezone.now()).total_seconds())
    request.session.set_expiry(min(settings.SESSION_COOKIE_AGE, left))
    remember(request, session)


def renew_key(request: HttpRequest, session: Session) -> None:
    """`session` has just proved more than before: whoever knew the browser's key does not gain by it."""
    request.session.cycle_key()
    remember(request, session)


def session_of(request: HttpRequest) -> Session | None:
    """The live session of the request's browser, looked up once a request."""
    if not hasattr(request, "_our_session"):
        remember(request, _look_up(request))
    found: Session | None = request._our_session  # type: ignore[attr-defined]
    return found


def look_again(request: HttpRequest) -> None:
    """Something may have ended the session of the request's browser since it was looked up: the page says who is signed
    in after it.
    """
    vars(request).pop("_our_session", None)
    request.user = SimpleLazyObject(lambda: _person(request))  # type: ignore[assignment]


def remember(request: HttpRequest, session: Session | None) -> None:
    """What the rest of the request goes by."""
    request._our_session = session  # type: ignore[attr-defined]
    if session is None:
        return
    if session.acr != "mfa":
        session.user.give_up_scopes()
    request.user = session.user
    context.amend(actor_type="user", actor_id=session.user.public_id, session_id=session.public_id)


class BrowserSessionMiddleware:
    """`request.user` is whoever's session is live, in place of Django's, which asks for its own session alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        for prefix, client_id in PAGES.items():
            if request.path.startswith(prefix):
                context.amend(client_id=client_id)
        request.user = SimpleLazyObject(lambda: _person(request))  # type: ignore[assignment]
        return self.get_response(request)


def _person(request: HttpRequest) -> Any:
    session = session_of(request)
    return AnonymousUser() if session is None else session.user


def _look_up(request: HttpRequest) -> Session | None:
    if SESSION_KEY not in request.session:
        return None
    person = get_user(request)
    live = Session.objects.live().of_active_people().select_related("user")
    session = live.with_public_id(request.session.get(OUR_SESSION, "")).first()
    if session is None or session.user_id != person.pk:
        request.session.flush()
        return None
    if session.last_active_at < timezone.now() - TOUCH_AFTER:
        sessions.touch(session)
    return session


@receiver(user_logged_out, dispatch_uid="signing a browser out ends its session")
def end_session(request: HttpRequest, **_: Any) -> None:
    session = session_of(request)
    if session is not None:
        sessions.end(session=session, reason=EndReason.LOGOUT)
