"""Where mailed links lead. A link only shows a button: nothing is used up by a program that looks at mails."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.errors import InvalidSingleUseTokenError, PasswordNotAcceptableError
from accounts.pages.forms import NewPasswordForm, add_failures
from accounts.services import email_verification, passwords


def result(request: HttpRequest, title: str, text: str, status: int = 200) -> HttpResponse:
    """A page that says how it went."""
    return render(request, "accounts/result.html", {"title": title, "text": text}, status=status)


def stale_link(request: HttpRequest) -> HttpResponse:
    """What is said of a link that was used, or is too old."""
    text = _("It was used already, or is too old. Ask for a new one.")
    return result(request, _("This link is not good any more"), text, status=400)


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
        return stale_link(request)
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
            return stale_link(request)
        except PasswordNotAcceptableError as error:
            add_failures(form, "new_password", error)
        else:
            return result(
                request,
                _("Your password is changed"),
                _("Sign in with it; all devices were signed out."),
            )
    return render(request, "accounts/reset_password.html", {"form": form, "token": token})
