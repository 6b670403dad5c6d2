"""Another e-mail address: asked for in "My account", confirmed and disowned where mails lead."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.clocks import on_the_clock_of
from accounts.errors import EmailTakenError, InvalidSingleUseTokenError
from accounts.models import EmailChange, Session
from accounts.models.single_use_token import TokenPurpose
from accounts.pages import limits
from accounts.pages.forms import email_field
from accounts.pages.refusals import page_about
from accounts.pages.views import result, stale_link
from accounts.pages.visitors import for_people
from accounts.services import email_change, single_use_tokens
from config.http.problems import InvalidRequestError

HOME = "profile"


class NewEmailForm(forms.Form):
    """Where the link goes."""

    email = email_field(autocomplete="email", autofocus=True)

    def __init__(self, *args: Any, session: Session, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session = session
        self.fields["email"].label = _("New e-mail address")

    def ask(self) -> None:
        """Send the link and the notice. Raises ValidationError and what the service raises but for one's own address,
        of which the form tells.
        """
        user = self.session.user
        limits.require(limits.EMAIL_CHANGE, f"user:{user.public_id}")
        email_change.ask(user=user, email=self.cleaned_data["email"], session=self.session)


@require_http_methods(["GET", "POST"])
@for_people("strongest", home="change-email")
def page(request: HttpRequest, session: Session) -> HttpResponse:
    """Name another address."""
    form = NewEmailForm(request.POST or None, session=session)
    if form.is_valid() and _asked(form):
        messages.success(
            request, _now("We have mailed a link to the new address: confirm it there.")
        )
        return redirect("change-email")
    waiting = EmailChange.objects.open().filter(user=session.user).first()
    words = {
        "form": form,
        "user": session.user,
        "waiting": waiting,
        "until": on_the_clock_of(session.user, waiting.expires_at) if waiting else "",
        "kept": EmailChange.objects.restorable().filter(user=session.user).first(),
    }
    return render(request, "accounts/change_email.html", words)


@require_POST
@for_people(home=HOME)
def withdraw(request: HttpRequest, session: Session) -> HttpResponse:
    """Think better of it."""
    if email_change.withdraw(user=session.user):
        messages.success(request, _now("Your address stays as it is."))
    return redirect(HOME)


@never_cache
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Confirm the new address by the mailed link."""
    try:
        if request.method == "POST":
            user = email_change.confirm(token=request.POST.get("token", ""))
            text = _now("Sign in with %(address)s from now on.") % {"address": user.email}
            return result(request, _now("Your address is changed"), text)
        return _ask(request, "accounts/confirm_email.html", TokenPurpose.EMAIL_CHANGE)
    except InvalidSingleUseTokenError:
        return stale_link(request, TokenPurpose.EMAIL_CHANGE)
    except EmailTakenError as problem:
        return result(request, **page_about(problem), status=problem.status)


@never_cache
@require_http_methods(["GET", "POST"])
def not_my_change(request: HttpRequest) -> HttpResponse:
    """Say from the old address that it was somebody else."""
    try:
        if request.method == "POST":
            undone = email_change.disown(token=request.POST.get("token", ""))
            title = _now("Your former address is back") if undone else _now("Your address stays")
            text = _now(
                "You are signed out everywhere. We have mailed you a link to choose another password."
            )
            return result(request, title, text)
        return _ask(request, "accounts/not_my_change.html", TokenPurpose.EMAIL_CHANGE_DISOWNING)
    except InvalidSingleUseTokenError:
        return stale_link(request, TokenPurpose.EMAIL_CHANGE_DISOWNING)
    except EmailTakenError as problem:
        return result(request, **page_about(problem), status=problem.status)


def _ask(request: HttpRequest, template: str, purpose: TokenPurpose) -> HttpResponse:
    token = request.GET.get("token", "")
    change = email_change.asked_about(single_use_tokens.peek(token, purpose=purpose))
    return render(request, template, {"token": token, "change": change})


def _asked(form: NewEmailForm) -> bool:
    try:
        form.ask()
    except forms.ValidationError as error:
        form.add_error(None, error)
    except InvalidRequestError:
        form.add_error("email", _now("It is your address already."))
    else:
        return True
    return False
