"""The forms about accounts at brokers."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from trading.api.serializers import PRINTABLE
from trading.brokers.base import Broker, BrokerCredentials

LONGEST_NICKNAME = 64
printable = RegexValidator(PRINTABLE, _("4 to 128 characters, without spaces."))


def nickname_field(**attributes: Any) -> forms.CharField:
    return forms.CharField(
        label=_("What to call it"),
        max_length=LONGEST_NICKNAME,
        widget=forms.TextInput(attrs={"autocomplete": "off", **attributes}),
    )


class RenameForm(forms.Form):
    nickname = nickname_field()


class CredentialsForm(forms.Form):
    """Key and secret, where the broker asks a person for them; else nothing."""

    api_key = forms.CharField(
        label=_("API key"),
        strip=True,
        validators=[printable],
        help_text=_("As the broker's developer console shows it."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    api_secret = forms.CharField(
        label=_("API secret"),
        strip=True,
        validators=[printable],
        help_text=_("Sealed at once and never shown again."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, broker: Broker, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not broker.asks_for_credentials:
            del self.fields["api_key"], self.fields["api_secret"]

    def credentials(self) -> BrokerCredentials | None:
        """What a valid form holds, in a value that hides it."""
        sent = self.cleaned_data
        if "api_secret" not in sent:
            return None
        return BrokerCredentials(api_key=sent["api_key"], api_secret=sent["api_secret"])


class LinkForm(CredentialsForm):
    nickname = nickname_field(autofocus=True)
    field_order = ("nickname", "api_key", "api_secret")
