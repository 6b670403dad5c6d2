"""My account, Profile: name, phone, clock and language, and which mails one wants."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Session, User
from accounts.pages.visitors import for_people
from accounts.pages.ways import demand_a_try
from accounts.services import preferences, profile
from config.http.language import remember
from config.http.ratelimit import RateLimit

HOME = "profile"
CHANGES = RateLimit(name="profile_pages", limit=60, period=900)


def _zones() -> list[tuple[str, str]]:
    """Of the IANA database, without the names that only old systems know."""
    named = sorted(zone for zone in available_timezones() if "/" in zone and zone[0].isupper())
    zones = [zone for zone in named if not zone.startswith(("Etc/", "SystemV/", "US/"))]
    return [(zone, zone.replace("_", " ")) for zone in ("UTC", *zones)]


class ProfileForm(forms.Form):
    """The person's own words for what `accounts.services.profile` may change."""

    name = forms.CharField(
        label=_("Name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=16,
        required=False,
        help_text=_("With the country's code, such as +919876543210."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    timezone = forms.ChoiceField(
        label=_("Time zone"), choices=_zones, help_text=_("Times are shown on this clock.")
    )
    locale = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("Of these pages, and of our mails to you."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone: Any = self.fields["timezone"]
        if user.timezone not in dict(zone.choices):  # set by a program, under an older name
            zone.choices = [(user.timezone, user.timezone), *zone.choices]


class MailsForm(forms.Form):
    """The mails that a person can do without. Those about what opens the account always come."""

    new_device_email = forms.BooleanField(
        label=_("when somebody signs in on a new device"), required=False
    )
    broker_login_email = forms.BooleanField(
        label=_("when a broker wants a new login"), required=False
    )
    product_news_email = forms.BooleanField(label=_("about what is new here"), required=False)


@require_http_methods(["GET", "POST"])
@for_people(home=HOME)
def page(request: HttpRequest, session: Session) -> HttpResponse:
    """See and change one's profile."""
    user = session.user
    if request.method == "GET":
        current = {name: getattr(user, name) for name in profile.EDITABLE}
        return _shown(request, user, ProfileForm(initial=current, user=user))
    demand_a_try(CHANGES, f"user:{user.public_id}")
    form = ProfileForm(request.POST, user=user)
    if not form.is_valid() or not _saved(form, user):
        return _shown(request, user, form)
    response = redirect(HOME)
    remember(response, form.cleaned_data["locale"])
    with translation.override(form.cleaned_data["locale"]):
        messages.success(request, gettext("Your profile is saved."))
    return response


@require_POST
@for_people(home=HOME)
def choose_mails(request: HttpRequest, session: Session) -> HttpResponse:
    """Which mails one wants."""
    demand_a_try(CHANGES, f"user:{session.user.public_id}")
    form = MailsForm(request.POST)
    form.is_valid()  # an unticked box is a no, and there is nothing else in it
    preferences.patch(user=session.user, changes={"notifications": form.cleaned_data})
    messages.success(request, gettext("Your choice of mails is saved."))
    return redirect(HOME)


def _saved(form: ProfileForm, user: User) -> bool:
    try:
        profile.update(user=user, changes=form.cleaned_data)
    except ValidationError as error:
        told: Mapping[str, list[ValidationError]] = error.error_dict
        for field, reasons in told.items():
            form.add_error(field, reasons)
        return False
    return True


def _shown(request: HttpRequest, user: User, form: ProfileForm) -> HttpResponse:
    chosen = preferences.document_of(preferences.of(user))["notifications"]
    page = {"form": form, "mails": MailsForm(initial=chosen), "user": user}
    return render(request, "accounts/profile.html", page)
