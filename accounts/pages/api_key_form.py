"""What a person says about an API key that they want."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.models.api_key import NAME_LENGTH, ApiKeyScope
from config.http.problems import ProblemError

LONGEST_LIST = 1000  # characters of networks
FIELDS = {
    "allowed_networks": "networks",
    "expires_at": "until",
}  # the API's names, where ours differ


class ApiKeyForm(forms.Form):
    """The rules are those of `accounts.services.api_key_rules`; what they refuse comes back by `refuse`."""

    name = forms.CharField(
        label=_("What to call it"),
        max_length=NAME_LENGTH,
        help_text=_("So that you know it again: the program that will use it."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), choices=ApiKeyScope.choices, widget=forms.CheckboxSelectMultiple
    )
    until = forms.DateField(
        label=_("Until the end of"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    networks = forms.CharField(
        label=_("Networks"),
        required=False,
        max_length=LONGEST_LIST,
        help_text=_("Where it may be used from, such as 203.0.113.0/24. Empty: from anywhere."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(user.timezone)
        days = settings.ENVIRONMENT.api_key_default_lifetime // 86_400
        today = timezone.localdate(timezone=self.zone)
        self.fields["until"].initial = (today + timedelta(days=days - 1)).isoformat()

    def clean_networks(self) -> list[str]:
        return re.findall(r"[^\s,;]+", self.cleaned_data["networks"])

    def expires_at(self) -> datetime | None:
        """The end of the day that was chosen, where the person lives."""
        until: date | None = self.cleaned_data["until"]
        if until is None:
            return None
        return datetime.combine(until + timedelta(days=1), time.min, self.zone)

    def refuse(self, problem: ProblemError) -> None:
        """Say beside the fields what the service did not take."""
        for failure in problem.errors:
            name = FIELDS.get(failure.field, failure.field)
            self.add_error(name, failure.detail)
