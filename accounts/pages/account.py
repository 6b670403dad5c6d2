"""My account: the devices that are signed in, and what opens the account."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from allauth.socialaccount.providers.base.constants import AuthProcess
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import sign_in_providers
from accounts.browser import session_of
from accounts.devices import place_in_words
from accounts.errors import LastWayInError, LinkNotFoundError, SessionNotFoundError
from accounts.models import Session
from accounts.models.session import EndReason
from accounts.pages.sections import sections
from accounts.pages.sign_in import to_provider
from accounts.services import linked_sign_ins, sessions, step_up
from accounts.services.risk.signals import WORDS
from accounts.user_agents import describe
from mfa.services import verification

MOST_DEVICES = 50

P = ParamSpec("P")


def signed_in(
    view: Callable[Concatenate[HttpRequest, Session, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A view for people who are signed in, given their session; others sign in first and come back."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        session = session_of(request)
        if session is not None:
            return view(request, session, *args, **kwargs)
        onward = f"?{urlencode({'next': request.path})}" if request.method == "GET" else ""
        return redirect(reverse("account_login") + onward)

    return wrapped


def freshly_proven(
    view: Callable[Concatenate[HttpRequest, Session, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Session, P], HttpResponse]:
    """A view for what opens the account: first the person proves, lately, all that the account wants."""

    @wraps(view)
    def wrapped(
        request: HttpRequest, session: Session, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        wanted = "mfa" if verification.methods_of(session.user) else "pwd"
        if not step_up.is_fresh(session, acr=wanted):
            onward = urlencode({"next": reverse("my-account")})
            return redirect(f"{reverse('prove-yourself')}?{onward}")
        return view(request, session, *args, **kwargs)

    return wrapped


@never_cache
@require_http_methods(["GET"])
@signed_in
def my_account(request: HttpRequest, session: Session) -> HttpResponse:
    """The start page of whoever is signed in."""
    return _page(request, session)


@require_POST
@signed_in
def end_session(request: HttpRequest, session: Session, session_id: str) -> HttpResponse:
    """Sign one device out; this one too, if it is meant."""
    if session_id == session.public_id:
        logout(request)
        return redirect("account_login")
    with suppress(SessionNotFoundError):  # ended meanwhile, which is what was asked for
        sessions.end_own(user=session.user, session_id=session_id)
    return redirect("my-account")


@require_POST
@signed_in
def end_all_sessions(request: HttpRequest, session: Session) -> HttpResponse:
    """Sign every device out, this one with them."""
    sessions.end_all(user=session.user, reason=EndReason.LOGOUT)
    logout(request)
    return redirect("account_login")


@require_POST
@signed_in
@freshly_proven
def connect(request: HttpRequest, session: Session, provider_id: str) -> HttpResponse:
    """Go to a provider, whose account opens this one from then on."""
    return to_provider(request, provider_id, process=AuthProcess.CONNECT)


@require_POST
@signed_in
@freshly_proven
def disconnect(request: HttpRequest, session: Session, link_id: int) -> HttpResponse:
    """Let a provider open this account no longer, if something else does."""
    try:
        linked_sign_ins.unlink(user=session.user, link_id=link_id)
    except LastWayInError:
        told = _("Nothing else opens your account. Choose a password first: we mail you a link.")
        return _page(request, session, told=told, status=409)
    except LinkNotFoundError:
        pass  # disconnected meanwhile, which is what was asked for
    return redirect("my-account")


def _page(
    request: HttpRequest, session: Session, *, told: str = "", status: int = 200
) -> HttpResponse:
    user = session.user
    live = Session.objects.live().for_user(user.pk)[:MOST_DEVICES]
    links = list(linked_sign_ins.linked_to(user))
    connected = {each.provider for each in links}
    words = {
        "user": user,
        "told": told,
        "devices": [_device(each, session) for each in live],
        "links": [_link(each) for each in links],
        "offers": [app for app in sign_in_providers.apps() if app.provider_id not in connected],
        "methods": verification.methods_of(user),
        "sections": [section for section in sections() if section.text],
    }
    return render(request, "accounts/my_account.html", words, status=status)


def _device(session: Session, current: Session) -> dict[str, Any]:
    software = describe(session.user_agent)
    named = session.device_name or " · ".join(
        part for part in (software.browser, software.os) if part
    )
    return {
        "session": session,
        "name": named or _("Unknown device"),
        "place": place_in_words(session.country, session.city),
        "unusual": _why_unusual(session),
        "current": session.pk == current.pk,
    }


def _why_unusual(session: Session) -> str:
    """What a mail has told of it, too; empty for an ordinary sign-in."""
    if (session.risk_score or 0) < settings.ENVIRONMENT.risk_medium:
        return ""
    return " ".join(str(WORDS[name]) for name in session.risk_signals if name in WORDS)


def _link(link: Any) -> dict[str, Any]:
    app = sign_in_providers.find(link.provider)
    return {
        "id": link.pk,
        "name": app.name if app else link.provider,
        "email": link.extra_data.get("email", ""),
    }
