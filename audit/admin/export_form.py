"""What staff ask an export for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from audit.exports.formats import ExportFormat
from audit.trail_filter import TrailFilter
from audit.types import Outcome

MOMENT = {"type": "datetime-local"}


class ExportForm(forms.Form):
    """A format, and the filters of the list; what is left empty does not narrow it."""

    format = forms.ChoiceField(
        label=_("Format"), choices=ExportFormat.choices, widget=UnfoldAdminSelectWidget
    )
    begin = forms.DateTimeField(
        label=_("From (UTC)"), required=False, widget=UnfoldAdminTextInputWidget(attrs=MOMENT)
    )
    end = forms.DateTimeField(
        label=_("To (UTC)"), required=False, widget=UnfoldAdminTextInputWidget(attrs=MOMENT)
    )
    event_type = forms.CharField(
        label=_("Types"),
        required=False,
        help_text=_("Such as auth.login.failed, or auth.* for all below; several with commas."),
        widget=UnfoldAdminTextInputWidget,
    )
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        required=False,
        choices=[("", _("any")), *Outcome.choices],
        widget=UnfoldAdminSelectWidget,
    )
    user_id = forms.CharField(
        label=_("Person"), required=False, help_text="usr_…", widget=UnfoldAdminTextInputWidget
    )
    session_id = forms.CharField(
        label=_("Session"), required=False, help_text="ses_…", widget=UnfoldAdminTextInputWidget
    )
    ip = forms.CharField(
        label=_("Address or network"), required=False, widget=UnfoldAdminTextInputWidget
    )
    risk = forms.IntegerField(
        label=_("Risk, at least"), required=False, widget=UnfoldAdminTextInputWidget
    )

    def clean(self) -> dict[str, Any]:
        """The trail's own filter says what is wrong with each."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        try:
            TrailFilter.of(self.question())
        except ValidationError as error:
            names = {"from": "begin", "to": "end"}
            details: Any = error.detail
            for name, faults in details.items():
                for fault in faults:
                    self.add_error(names.get(name, name), str(fault))
        return cleaned

    def question(self) -> dict[str, Any]:
        """The filter by the names of the API's parameters."""
        given = {
            name: value for name, value in self.cleaned_data.items() if value not in ("", None)
        }
        given.pop("format", None)
        for field, name in (("begin", "from"), ("end", "to")):
            if field in given:
                given[name] = given.pop(field).isoformat()
        if "event_type" in given:
            given["event_type"] = [part.strip() for part in given["event_type"].split(",")]
        return given
