"""What staff ask the simulator: who, what, with what, under which circumstances."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from authz import names
from authz.admin.json_text import FaultyTextError, read
from authz.engine import references
from authz.names import May, Named
from authz.services.decisions import ACTION_FORM

MOST_FOUND = 8  # of each type, offered for part of a name
PROOFS = [("", _("as the context says")), ("pwd", _("a password")), ("mfa", _("a second factor"))]


class EntityField(forms.CharField):
    """`type:id`, or part of a name. `suggestions` is the list of the page that holds what was found so far."""

    def __init__(self, *, suggestions: str, **kwargs: Any) -> None:
        attrs = {"list": suggestions, "autocomplete": "off", "data-suggest": "", "size": 40}
        super().__init__(
            max_length=references.LONGEST, widget=UnfoldAdminTextInputWidget(attrs=attrs), **kwargs
        )


class SimulatorForm(forms.Form):
    """`choices` are what a name could mean that means several, by the field that it stands in."""

    subject = EntityField(
        label=_("Who"),
        help_text=_("Part of a name, of an e-mail or of a client id; or user:usr_…, service:…"),
        suggestions="found-subject",
    )
    action = forms.CharField(
        label=_("Wants to do"),
        max_length=references.LONGEST,
        widget=UnfoldAdminTextInputWidget(attrs={"list": "actions", "autocomplete": "off"}),
        help_text=_("Such as trade:place_order"),
    )
    resource = EntityField(
        label=_("With"),
        help_text=_("Part of an account's name; or trading_account:acc_…, type:id"),
        suggestions="found-resource",
    )
    acr = forms.ChoiceField(
        label=_("Proved by"), choices=PROOFS, required=False, widget=UnfoldAdminSelectWidget
    )
    ip = forms.GenericIPAddressField(
        label=_("From the address"), required=False, widget=UnfoldAdminTextInputWidget
    )
    at = forms.DateTimeField(
        label=_("At (UTC; now when empty)"),
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
    )
    context = forms.CharField(
        label=_("More of the context, as JSON"),
        required=False,
        max_length=64 * 1024,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=_('Such as {"order_value": 600000}'),
    )

    def __init__(self, *args: Any, may: May, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.may = may
        self.choices: dict[str, list[Named]] = {}

    def clean_subject(self) -> str:
        return self._entity("subject")

    def clean_resource(self) -> str:
        return self._entity("resource")

    def clean_action(self) -> str:
        action: str = self.cleaned_data["action"].strip()
        if not references.is_action(action):
            raise forms.ValidationError(ACTION_FORM)
        return action

    def clean_context(self) -> dict[str, Any]:
        typed = self.cleaned_data["context"].strip()
        try:
            context = read(typed) if typed else {}
        except FaultyTextError as error:
            raise forms.ValidationError([fault.detail for fault in error.faults]) from None
        if not isinstance(context, dict):
            raise forms.ValidationError(_("An object: names and values in braces."))
        return context

    def question(self) -> dict[str, Any]:
        """For `explanations.explain`: what was chosen stands above what the JSON says of the same."""
        data = self.cleaned_data
        chosen = {name: data[name] for name in ("acr", "ip") if data[name]}
        at: datetime | None = data["at"]
        return {
            "subject": data["subject"],
            "action": data["action"],
            "resource": data["resource"],
            "context": data["context"] | chosen,
            "at": None if at is None else at.replace(tzinfo=UTC),
        }

    def _entity(self, field: str) -> str:
        typed: str = self.cleaned_data[field].strip()
        if references.is_entity(typed):
            return typed
        found = names.found_by(typed, may=self.may, limit=MOST_FOUND)
        if len(found) == 1:
            return found[0].reference
        if not found:
            raise forms.ValidationError(
                _("Nothing is called that. Write a part of the name, or type:id.")
            )
        self.choices[field] = found
        raise forms.ValidationError(_("Several are called that: choose one."))
