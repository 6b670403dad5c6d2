"""Where the mails about unusual sign-ins lead: it was you, or it was not."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.clocks import on_the_clock_of
from accounts.devices import device_and_place
from accounts.errors import InvalidSingleUseTokenError
from accounts.models import BlockedSignIn, Session
from accounts.models.single_use_token import TokenPurpose
from accounts.pages.views import result, stale_link
from accounts.services import blocked_sign_ins, disowning, single_use_tokens


@never_cache
@require_http_methods(["GET", "POST"])
def not_me(request: HttpRequest) -> HttpResponse:
    """Say that a sign-in was not one's own: every device is signed out."""
    try:
        if request.method == "POST":
            disowning.disown(token=request.POST.get("token", ""))
            return _password_is_next(request, _("You are signed out everywhere"))
        token = request.GET.get("token", "")
        row = single_use_tokens.peek(token, purpose=TokenPurpose.SESSION_DISOWNING)
        return _ask(request, "accounts/not_me.html", token, disowning.asked_about(row))
    except InvalidSingleUseTokenError:
        return stale_link(request, TokenPurpose.SESSION_DISOWNING)


@never_cache
@require_http_methods(["GET", "POST"])
def stopped_sign_in(request: HttpRequest) -> HttpResponse:
    """Say whether a sign-in that was stopped was one's own."""
    try:
        if request.method == "POST":
            return _answered(request)
        token = request.GET.get("token", "")
        row = single_use_tokens.peek(token, purpose=TokenPurpose.SIGN_IN_APPROVAL)
        return _ask(
            request, "accounts/stopped_sign_in.html", token, blocked_sign_ins.asked_about(row)
        )
    except InvalidSingleUseTokenError:
        return stale_link(request, TokenPurpose.SIGN_IN_APPROVAL)


def _answered(request: HttpRequest) -> HttpResponse:
    token = request.POST.get("token", "")
    if request.POST.get("answer") == "me":
        blocked_sign_ins.approve(token=token)
        text = _("Sign in again on the same device. Then add a second factor to your account.")
        return result(request, _("You can sign in now"), text)
    blocked_sign_ins.disown(token=token)
    return _password_is_next(request, _("It stays stopped"))


def _ask(
    request: HttpRequest, template: str, token: str, about: Session | BlockedSignIn
) -> HttpResponse:
    words = {
        "token": token,
        "device": device_and_place(about.user_agent, about.country, about.city),
        "at": on_the_clock_of(about.user, about.created_at),
    }
    return render(request, template, words)


def _password_is_next(request: HttpRequest, title: str) -> HttpResponse:
    text = _("Somebody knows your password. We have mailed you a link to choose another.")
    return result(request, title, text)
