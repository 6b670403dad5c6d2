"""Signing in on our pages beyond the password form, which is allauth's view: providers and apps."""

import time
from typing import Any

import requests
from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import sign_in_providers
from accounts.allauth_adapter import AccountAdapter
from accounts.errors import (
    InvalidCredentialsError,
    InvalidHandoffRequestError,
    ProviderUnavailableError,
)
from accounts.models import User
from accounts.openid_connect import CheckedAdapter
from accounts.pages import limits, provider_answers
from accounts.pages.forms import PasswordForm, ResendForm
from accounts.pages.views import result
from accounts.services import handoff, redirect_uris
from accounts.services.login import check_password


@require_POST
@never_cache
def with_provider(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Go to a provider to sign in, and come back to `next`."""
    then = request.POST.get("next", "")
    return to_provider(
        request, provider_id, next_url=then if AccountAdapter().is_safe_url(then) else None
    )


@never_cache
@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest) -> HttpResponse:
    """Where an app sends the browser: the person sees which app it is, and goes on to Google."""
    asked = request.POST.get("request", "") or request.GET.get("request", "")
    try:
        waiting = handoff.read(asked)
    except InvalidHandoffRequestError as error:
        return provider_answers.refusal(request, error)
    if request.method == "POST":
        return to_provider(request, sign_in_providers.GOOGLE, handoff=asked)
    words = {
        "request_token": asked,
        "app": redirect_uris.spoken(waiting.redirect_uri),
        "app_url": handoff.refuse(request=waiting),
    }
    return render(request, "accounts/handoff.html", words)


@never_cache
@require_http_methods(["GET", "POST"])
def connect_existing(request: HttpRequest) -> HttpResponse:
    """The address that a provider vouches for has an account: its password, once, connects the two."""
    pending = request.session.get(provider_answers.PENDING_LINK)
    lifetime = settings.ENVIRONMENT.handoff_request_lifetime
    if pending is None or time.time() - pending["at"] > lifetime:
        return redirect("account_login")
    email = pending["way"]["link"]["email"]
    form = PasswordForm(request.POST or None)
    if form.is_valid() and _within(form):
        try:
            user = check_password(email=email, password=form.cleaned_data["password"])
        except InvalidCredentialsError:
            form.add_error("password", _("The password is not right."))
        else:
            del request.session[provider_answers.PENDING_LINK]
            return _go_on(request, user, pending)
    provider = sign_in_providers.find(pending["way"]["link"]["provider"])
    words = {"form": form, "email": email, "provider": provider}
    return render(request, "accounts/connect_existing.html", words)


@never_cache
@require_http_methods(["GET", "POST"])
def resend_verification(request: HttpRequest) -> HttpResponse:
    """The verification mail again; the answer is the same whether or not there is anything to confirm."""
    form = ResendForm(request.POST or None)
    if form.is_valid():
        form.save(request)
        return redirect("account_email_verification_sent")
    return render(request, "accounts/resend_verification.html", {"form": form})


def to_provider(
    request: HttpRequest,
    provider_id: str,
    *,
    process: str = AuthProcess.LOGIN,
    next_url: str | None = None,
    handoff: str = "",
) -> HttpResponse:
    """The page that goes on to the provider. Raises Http404 for one that is not set up."""
    app = sign_in_providers.find(provider_id)
    if app is None:
        raise Http404
    provider = app.get_provider(request)
    if app.provider == "openid_connect":
        provider.oauth2_adapter_class = CheckedAdapter
    try:
        limits.require(limits.PROVIDER)
        answer = provider.redirect(
            request, process, next_url=next_url, data={"handoff": handoff} if handoff else None
        )
    except (requests.RequestException, OAuth2Error, KeyError, ValueError):
        return provider_answers.refusal(request, ProviderUnavailableError(), handoff)
    except ValidationError as error:
        return result(request, error.messages[0], "", status=429)
    return provider_answers.leave(request, answer["Location"], to=app.name)


def _go_on(request: HttpRequest, user: User, pending: dict[str, Any]) -> HttpResponse:
    login = Login(user=user, redirect_url=pending["then"], state={"way": pending["way"]})
    response: HttpResponse = perform_login(request, login)
    return response


def _within(form: PasswordForm) -> bool:
    try:
        limits.require_sign_in()
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True
