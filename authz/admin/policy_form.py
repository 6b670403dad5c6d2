"""What the policy editor takes: a document as text, and why it changes."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from authz.admin.json_text import Fault, FaultyTextError, read
from authz.admin.policy_text import text_of
from authz.engine import document as language
from authz.models import Policy, PolicyDraft
from authz.services.authorship import LONGEST_REASON

CHANGED_MEANWHILE = _("Somebody changed the policy since you opened it: look at it again.")
LONGEST_TEXT = (
    256 * 1024
)  # characters that are looked at; a policy is of 64 KB at most, its blanks apart
EDITOR = {
    "rows": 22,
    "wrap": "off",
    "spellcheck": "false",
    "autocapitalize": "off",
    "autocomplete": "off",
    "aria-describedby": "policy-check",
}


class PolicyForm(forms.Form):
    """`faults` are what is wrong with the document, each with its place; a reason is wanted of those who save."""

    document = forms.CharField(
        label=_("Policy, as JSON"),
        max_length=LONGEST_TEXT,
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs=EDITOR),
    )
    reason = forms.CharField(
        label=_("Reason (kept in the history and the audit trail)"),
        max_length=LONGEST_REASON,
        widget=UnfoldAdminTextInputWidget,
    )
    break_cases = forms.BooleanField(
        label=_("Go ahead although cases break"), required=False, widget=UnfoldBooleanWidget
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, policy: Policy | None, saving: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.policy = policy
        self.saving = saving
        self.faults: list[Fault] = []
        self.fields["reason"].required = saving

    def clean_document(self) -> Any:
        try:
            document = read(self.cleaned_data["document"], language.parse)
        except FaultyTextError as error:
            self.faults = error.faults
            raise forms.ValidationError(
                _("The policy is not saved: see what is to be mended.")
            ) from None
        namesakes = Policy.objects.live().filter(name=document["name"])
        if any(one != self.policy for one in namesakes):
            raise forms.ValidationError(_("Another policy has this name."))
        return document

    def clean(self) -> dict[str, Any]:
        """Here what was typed is not lost; the service looks again, with the row locked."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.saving and self.policy and self.policy.current.number != data.get("seen"):
            raise forms.ValidationError(CHANGED_MEANWHILE)
        return data


def initial_of(policy: Policy | None, draft: PolicyDraft | None, start: Any) -> dict[str, Any]:
    """What stands in the form at first: a draft, the policy in force, or something to start from."""
    if draft is not None:
        return {
            "document": text_of(draft.document),
            "seen": draft.based_on,
            "reason": draft.reason,
        }
    if policy is not None:
        return {"document": text_of(policy.current.document), "seen": policy.current.number}
    return {"document": text_of(start)}
