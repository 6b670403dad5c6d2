"""What people see when a provider has answered, or an app waits for the answer."""

import time
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from accounts import errors
from accounts.models import User
from accounts.services import handoff, redirect_uris
from accounts.services.handoff import HandoffRequest
from accounts.services.linked_sign_ins import Identity
from accounts.services.second_factor import ProvenSignIn
from config.http.problems import ProblemError

PENDING_LINK = "pending_link"


def leave(request: HttpRequest, url: str, *, to: str) -> HttpResponse:
    """A page that goes on to `url`, elsewhere.

    It is a page and no redirect: what a form is answered with may not lead to another site (CSP `form-action`), and
    people see where they are going.
    """
    response = render(request, "accounts/leave.html", {"url": url, "to": to})
    response["Refresh"] = f"0; url={url}"
    add_never_cache_headers(response)
    return response


def back_to_app(
    request: HttpRequest, waiting: HandoffRequest, proven: ProvenSignIn
) -> HttpResponse:
    """The finished sign-in goes to the app that waits for it."""
    url = handoff.grant(request=waiting, proven=proven)
    return leave(request, url, to=redirect_uris.spoken(waiting.redirect_uri))


def ask_for_password(
    request: HttpRequest, user: User, identity: Identity, *, way: dict[str, Any], then: str | None
) -> HttpResponse:
    """The address has an account: remember in this browser what is to be connected, and ask for the password once."""
    if not user.has_usable_password():
        return refusal(request, errors.PasswordWantedError(user), way["handoff"])
    request.session[PENDING_LINK] = {
        "way": {**way, "link": identity.as_json()},
        "then": then,
        "at": time.time(),
    }
    return redirect("connect-existing")


def refusal(request: HttpRequest, error: ProblemError, asked: str = "") -> HttpResponse:
    """In words for people; the app that waits (`asked`, its signed request) is one click away."""
    title, text = _words(error)
    more = {"choose_password": isinstance(error, errors.PasswordWantedError)}
    return _sorry(request, title, text, asked, status=error.status, **more)


def failure(request: HttpRequest, asked: str, *, cancelled: bool) -> HttpResponse:
    """The provider sent the person back without an answer that we can take."""
    title = _("You did not sign in") if cancelled else _("The sign-in did not work")
    text = (
        _("You said no, or went back. Nothing has changed.")
        if cancelled
        else _("The answer does not belong to a sign-in begun in this browser, or came too late.")
    )
    return _sorry(request, title, text, asked, status=400)


def _sorry(
    request: HttpRequest, title: str, text: str, asked: str, *, status: int, **more: bool
) -> HttpResponse:
    words = {"title": title, "text": text, **more, **_app_link(asked)}
    response = render(request, "accounts/sign_in_failed.html", words, status=status)
    add_never_cache_headers(response)
    return response


def _app_link(asked: str) -> dict[str, str]:
    try:
        waiting = handoff.read(asked)
    except errors.InvalidHandoffRequestError:
        return {}
    return {
        "app": redirect_uris.spoken(waiting.redirect_uri),
        "app_url": handoff.refuse(request=waiting),
    }


def _words(error: ProblemError) -> tuple[str, str]:
    for kind, title, text in (
        (
            errors.ProviderAddressNotVerifiedError,
            _("Your address is not verified there"),
            _("Confirm your e-mail address with the provider, then sign in again."),
        ),
        (
            errors.PasswordWantedError,
            _("You have an account already"),
            _(
                "It opens in another way. Sign in that way and connect this one in your account, "
                "or choose a password first: we mail you a link."
            ),
        ),
        (
            errors.LinkedElsewhereError,
            _("It is connected already"),
            _(
                "That sign-in opens another account, or another one of that provider opens yours. "
                "Disconnect it there first."
            ),
        ),
        (
            errors.ProviderUnavailableError,
            _("The provider does not answer"),
            _("Try again in a few minutes, or sign in with your password."),
        ),
        (
            errors.InvalidHandoffRequestError,
            _("This page is not good any more"),
            _("Go back to the app and begin again."),
        ),
    ):
        if isinstance(error, kind):
            return title, text
    return _("You cannot sign in"), _(
        "This account cannot be used at present. Our support can tell you more."
    )
