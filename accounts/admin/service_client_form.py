"""The form of a service client: its faults, as the services know them, each at its field."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from accounts.models import ServiceClient
from accounts.models.service_client import ServiceScope
from accounts.services.client_rules import faults
from config.http.client_certificate import thumbprint_of_pem

PEM = re.compile(r"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")


class WordsField(forms.CharField):
    """A list of words, shown one a line."""

    widget = UnfoldAdminTextareaWidget

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return (super().to_python(value) or "").split()


class CertificatesField(WordsField):
    """Thumbprints, or the certificates themselves in PEM."""

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(PEM.sub(lambda pem: thumbprint_of_pem(pem[0]), value or ""))
        except ValueError:
            raise forms.ValidationError(_("This is no certificate in PEM.")) from None


class KeysField(forms.JSONField):
    """A document, or nothing."""

    widget = UnfoldAdminTextareaWidget

    def prepare_value(self, value: Any) -> Any:
        return "" if value is None else super().prepare_value(value)


class ServiceClientForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a client may do, its keys and where it is bound to; its id only when it is made."""

    client_id = forms.CharField(
        label=_("Client id"),
        required=False,
        help_text=_("How policies name it. Left empty: made from the name."),
        widget=UnfoldAdminTextInputWidget,
    )
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=ServiceScope.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    jwks = KeysField(
        label=_("Keys"),
        required=False,
        help_text=_("The public keys of its private_key_jwt assertions, a JWK Set."),
    )
    jwks_url = forms.CharField(
        label=_("Address of its keys"),
        required=False,
        help_text=_("Instead: an https URL where we read them."),
        widget=UnfoldAdminTextInputWidget,
    )
    networks = WordsField(
        label=_("Networks"),
        required=False,
        help_text=_("From where alone it may call, one CIDR a line. Left empty: from anywhere."),
    )
    certificates = CertificatesField(
        label=_("Certificates"),
        required=False,
        help_text=_(
            "With which of them it must call: PEM, or SHA-256 thumbprints (x5t#S256), one a line."
        ),
    )

    class Meta:
        model = ServiceClient
        fields = ("name", "scopes", "jwks", "jwks_url", "networks", "certificates")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        given = {name: cleaned[name] for name in self.fields if name in cleaned}
        client_id = given.pop("client_id", "") or self.instance.client_id or "made-from-the-name"
        candidate = ServiceClient(client_id=client_id, **{"scopes": [], **given})
        for fault in faults(candidate):
            if fault.field in given:
                self.add_error(fault.field, fault.detail)
        return cleaned
