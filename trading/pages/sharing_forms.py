"""The forms about sharing an account and giving it away."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.pages.forms import email_field
from trading.models import Permission


def permissions_field(label: Any, **options: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=Permission.choices, widget=forms.CheckboxSelectMultiple, **options
    )


class InvitationForm(forms.Form):
    """Whom to share an account with, and how far."""

    email = email_field(autocomplete="off")
    permissions = permissions_field(_("What they may do"), initial=[Permission.READ])
    until = forms.DateField(
        label=_("Until the end of"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: until you end it."),
    )

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until is not None and until < timezone.localdate():
            raise forms.ValidationError(_("This day is over."), code="past")
        return until

    def expires_at(self, person: User) -> datetime | None:
        """The end of the day that was chosen, where `person` lives."""
        until = self.cleaned_data["until"]
        if until is None:
            return None
        return datetime.combine(until + timedelta(days=1), time.min, ZoneInfo(person.timezone))


class OfferForm(forms.Form):
    """Which member is to own the account, and what the owner keeps."""

    membership = forms.CharField(max_length=64)
    keeps = permissions_field(_("What you keep"), required=False)
