"""Where mailed links lead. A link only shows a button: nothing is used up by a program that looks at mails."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.browser import look_again, session_of
from accounts.errors import InvalidSingleUseTokenError, PasswordNotAcceptableError
from accounts.models.single_use_token import TokenPurpose
from accounts.pages.forms import NewPasswordForm, add_failures
from accounts.pages.stale_links import INSTEAD
from accounts.services import email_verification, passwords


def result(request: HttpRequest, title: str, text: str, status: int = 200) -> HttpResponse:
    """A page that says how it went. Whatever it was may have ended the session of this very browser."""
    look_again(request)
    page = {"title": title, "text": text, "ways": _home(request)}
    return render(request, "accounts/result.html", page, status=status)


def stale_link(request: HttpRequest, purpose: TokenPurpose) -> HttpResponse:
    """What is said of a link that was used, or is too old, and what to do instead."""
    instead = INSTEAD[purpose]
    page = {
        "title": _("This link is not good any more"),
        "text": instead.text,
        "ways": [(way.text, reverse(way.view)) for way in instead.ways],
    }
    return render(request, "accounts/result.html", page, status=400)


def _home(request: HttpRequest) -> list[tuple[str, str]]:
    if session_of(request) is None:
        return [(_("Sign in"), reverse("account_login"))]
    return [(_("My account"), reverse("my-account"))]


@never_cache
@require_http_methods(["GET", "POST"])
def verify_email(request: HttpRequest) -> HttpResponse:
    """Confirm an address by the mailed link."""
    if request.method == "GET":
        token = request.GET.get("token", "")
        return render(request, "accounts/verify_email.html", {"token": token})
    try:
        email_verification.verify(token=request.POST.get("token", ""))
    except InvalidSingleUseTokenError:
        return stale_link(request, TokenPurpose.EMAIL_VERIFICATION)
    return result(request, _("Your address is confirmed"), _("You can sign in now."))


@never_cache
@require_http_methods(["GET", "POST"])
def reset_password(request: HttpRequest) -> HttpResponse:
    """Choose a new password by the mailed link."""
    token = request.POST.get("token", "") or request.GET.get("token", "")
    form = NewPasswordForm(request.POST or None)
    if form.is_valid():
        try:
            passwords.reset(token=token, new=form.cleaned_data["new_password"])
        except InvalidSingleUseTokenError:
            return stale_link(request, TokenPurpose.PASSWORD_RESET)
        except PasswordNotAcceptableError as error:
            add_failures(form, "new_password", error)
        else:
            return result(
                request,
                _("Your password is changed"),
                _("Sign in with it; all devices were signed out."),
            )
    return render(request, "accounts/reset_password.html", {"form": form, "token": token})
