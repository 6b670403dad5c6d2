"""My account, API keys: what programs act with in one's name. A key is shown once, in the answer that made it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.clocks import on_the_clock_of
from accounts.errors import ApiKeyNotFoundError, InvalidApiKeyError
from accounts.models import ApiKey, Session, User
from accounts.models.api_key import ApiKeyScope
from accounts.pages.api_key_form import ApiKeyForm
from accounts.pages.visitors import for_people
from accounts.pages.ways import demand_a_try
from accounts.services import api_keys
from config.http.ratelimit import RateLimit

HOME = "my-api-keys"
MOST_SHOWN = 100
CHANGES = RateLimit(name="api_key_pages", limit=60, period=900)


@require_safe
@for_people(home=HOME)
def page(request: HttpRequest, session: Session) -> HttpResponse:
    """The person's keys that were not revoked, newest first."""
    keys = ApiKey.objects.for_user(session.user.pk).unrevoked()[:MOST_SHOWN]
    shown = [_shown(key, session.user) for key in keys]
    return render(request, "accounts/api_keys.html", {"keys": shown})


@require_http_methods(["GET", "POST"])
@for_people("mfa", home=HOME)
def make(request: HttpRequest, session: Session) -> HttpResponse:
    """Make a key, and show it once."""
    form = ApiKeyForm(request.POST or None, user=session.user)
    if request.method == "POST" and form.is_valid():
        demand_a_try(CHANGES, f"user:{session.user.public_id}")
        try:
            issued = api_keys.create(
                user=session.user,
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                networks=form.cleaned_data["networks"],
                expires_at=form.expires_at(),
            )
        except InvalidApiKeyError as problem:
            form.refuse(problem)
        else:
            words = {"key": _shown(issued.key, session.user), "secret": issued.secret}
            return render(request, "accounts/api_key_made.html", words)
    return render(request, "accounts/make_api_key.html", {"form": form})


@require_http_methods(["GET", "POST"])
@for_people("mfa", home=HOME)
def revoke(request: HttpRequest, session: Session, key_id: str) -> HttpResponse:
    """Say what it means, and do it when they say yes."""
    key = ApiKey.objects.for_user(session.user.pk).unrevoked().with_public_id(key_id).first()
    if key is None:
        raise ApiKeyNotFoundError
    if request.method == "POST":
        api_keys.revoke_own(user=session.user, key_id=key_id)
        messages.success(request, _("The key is revoked."))
        return redirect(HOME)
    return render(request, "accounts/revoke_api_key.html", {"key": _shown(key, session.user)})


def _shown(key: ApiKey, user: User) -> dict[str, Any]:
    known = dict(ApiKeyScope.choices)
    return {
        "id": key.public_id,
        "name": key.name,
        "hint": key.hint,
        "may": [known[scope] for scope in key.scopes if scope in known],
        "networks": key.networks,
        "until": on_the_clock_of(user, key.expires_at),
        "is_expired": key.is_expired,
        "used": on_the_clock_of(user, key.last_used_at) if key.last_used_at else "",
        "used_from": key.last_used_ip or "",
    }
