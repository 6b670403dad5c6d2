"""Which range of events a webhook gets once more."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanWidget

MOMENT = {"type": "datetime-local", "step": "1"}


class ReplayForm(forms.Form):
    """The fields are the arguments of `replays.replay_range`."""

    begin = forms.DateTimeField(
        label=_("Happened from (UTC)"), widget=UnfoldAdminTextInputWidget(attrs=MOMENT)
    )
    end = forms.DateTimeField(
        label=_("And before (UTC)"), widget=UnfoldAdminTextInputWidget(attrs=MOMENT)
    )
    include_delivered = forms.BooleanField(
        label=_("Also what was delivered"),
        required=False,
        help_text=_("For a receiver that has lost what it got."),
        widget=UnfoldBooleanWidget,
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        begin, end = cleaned.get("begin"), cleaned.get("end")
        if begin and end and begin >= end:
            self.add_error("end", _("This must be later than the beginning."))
        return cleaned
