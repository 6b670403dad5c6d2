"""My data: have it, or have it erased; and take that back. All of it works without JavaScript."""

from typing import cast

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.api.privacy import archive_answer
from accounts.models import Session
from accounts.pages.account import freshly_proven, signed_in
from accounts.pages.forms import TakeBackForm
from accounts.pages.views import result
from accounts.services import reopening, status
from audit.privacy.errors import ArchiveGoneError, RequestOpenError
from audit.privacy.models import PrivacyRequest, RequestState
from audit.privacy.services import exports
from authz.services.roles import scopes_of
from config.http.principal import Principal
from config.http.problems import ProblemError


@never_cache
@require_safe
@signed_in
def my_data(request: HttpRequest, session: Session) -> HttpResponse:
    """What the person can do about their data, and how their newest archive stands."""
    return _page(request, session)


@require_POST
@signed_in
@freshly_proven
def make_archive(request: HttpRequest, session: Session) -> HttpResponse:
    """Have an archive made; pressed again, the one that is being made is waited for."""
    user = session.user
    by = Principal(type="user", id=user.public_id, scopes=scopes_of(user.pk))
    try:
        exports.ask(subject=user, by=by)
    except RequestOpenError:
        return _page(request, session, told=_("It is being made already."), status=409)
    return redirect("my-data")


@never_cache
@require_safe
@signed_in
def fetch_archive(request: HttpRequest, session: Session) -> HttpResponse:
    """The archive itself."""
    try:
        return cast("HttpResponse", archive_answer(session.user))
    except ArchiveGoneError:
        return _page(request, session, told=_("There is no archive to fetch."), status=404)


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
@freshly_proven
def delete_account(request: HttpRequest, session: Session) -> HttpResponse:
    """Close the account, once the person has said so again; it is erased after the grace."""
    if request.method == "GET":
        return render(request, "accounts/delete_account.html", {"user": session.user})
    status.close_own(user=session.user)
    logout(request)
    text = _("We have mailed you until when you can take it back: on the sign-in page.")
    return result(request, _("Your account is closed"), text)


@never_cache
@require_http_methods(["GET", "POST"])
def take_back(request: HttpRequest) -> HttpResponse:
    """Take back that one has closed one's account."""
    form = TakeBackForm(request.POST or None)
    if form.is_valid():
        try:
            reopening.reopen(token=form.token, code=form.cleaned_data["code"])
        except ProblemError:
            form.add_error("code", _("The code is not right, or was used already."))
        else:
            return result(request, _("Your account is open again"), _("You can sign in now."))
    return render(request, "accounts/take_back.html", {"form": form})


def _page(
    request: HttpRequest, session: Session, *, told: str = "", status: int = 200
) -> HttpResponse:
    user = session.user
    newest = exports.newest(user)
    words = {
        "user": user,
        "told": told,
        "archive": newest,
        "ready": PrivacyRequest.objects.of(user.pk).fetchable().order_by("-id").first(),
        "under_way": newest is not None
        and newest.state in {RequestState.OPEN, RequestState.RUNNING},
    }
    return render(request, "accounts/my_data.html", words, status=status)
