"""Policy cases, for staff: what the policies are meant to bring about, kept and given up with a reason."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from authz.admin.json_text import FaultyTextError, read
from authz.admin.staff import StaffAdmin, principal
from authz.engine import case as language
from authz.models import Policy, PolicyCase
from authz.services import policy_cases
from authz.services.authorship import LONGEST_REASON, author
from config.http.console import holds
from config.http.console_people import NamesPeople

EXAMPLE = """{
  "name": "owners-trade",
  "given": {
    "subject": "user:usr_1",
    "subject_properties": {"status": "active"},
    "action": "trade:place_order",
    "resource": "trading_account:acc_1",
    "resource_properties": {"owner": "usr_1", "owner_active": true, "status": "active"},
    "context": {"acr": "mfa"}
  },
  "expect": "allow"
}"""


class CaseField(forms.CharField):
    """A case as JSON text, read before it is taken."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 18, "spellcheck": "false"})

    def clean(self, value: Any) -> Any:
        text: str = super().clean(value)
        try:
            return read(text, language.parse)
        except FaultyTextError as error:
            raise forms.ValidationError(
                [f"{fault.path}: {fault.detail}".lstrip(": ") for fault in error.faults]
            ) from None


class CaseForm(forms.ModelForm):  # type: ignore[type-arg]
    case = CaseField(label=_("Case"), initial=EXAMPLE)
    reason = forms.CharField(
        label=_("Reason (kept in the audit trail)"),
        max_length=LONGEST_REASON,
        widget=UnfoldAdminTextInputWidget,
    )

    class Meta:
        model = PolicyCase
        fields: tuple[str, ...] = ("policy",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "policy" in self.fields:
            self.fields["policy"].queryset = Policy.objects.live().order_by("name")  # type: ignore[attr-defined]


@admin.register(PolicyCase)
class PolicyCaseAdmin(NamesPeople, StaffAdmin):
    """Cases are added and removed, never edited."""

    named = ("created_by",)
    when_empty = _(
        "A case is a question and the answer that it must get: a change of a policy that breaks one is refused."
    )
    view_scope = "policies:read"
    change_scope = "policies:write"
    addable = True
    form = CaseForm
    list_display = ("name", "policy", "expect", "by", "created_at")
    list_select_related = ("policy",)
    list_filter = ("expect",)
    search_fields = ("name", "policy__name")
    ordering = ("-id",)
    actions = ("remove",)
    shown = ("public_id", "policy", "name", "shown_given", "expect", "by", "reason")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyCase]:
        rows: QuerySet[PolicyCase] = super().get_queryset(request)
        return rows.filter(policy__deleted_at=None)

    def get_fields(self, request: HttpRequest, obj: PolicyCase | None = None) -> Any:
        return ("policy", "case", "reason") if obj is None else self.shown

    def get_readonly_fields(self, request: HttpRequest, obj: PolicyCase | None = None) -> Any:
        return () if obj is None else self.shown

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_policies_write_permission(self, request: HttpRequest) -> bool:
        return holds(request, self.change_scope)

    @admin.display(description=_("by"))
    def by(self, case: PolicyCase) -> str:
        return self.called(case, "created_by")

    @admin.display(description=_("given"))
    def shown_given(self, case: PolicyCase) -> str:
        text = json.dumps(case.given, indent=2, ensure_ascii=False)
        return format_html('<pre class="console-json">{}</pre>', text)

    def save_model(self, request: HttpRequest, obj: PolicyCase, form: Any, change: bool) -> None:
        """The service writes; the page goes on with the row that it wrote."""
        kept = policy_cases.add(
            policy_id=form.cleaned_data["policy"].pk,
            case=form.cleaned_data["case"],
            by=author(principal(request)),
            reason=form.cleaned_data["reason"],
        )
        obj.pk = kept.pk
        obj.refresh_from_db()

    @admin.action(description=_("Remove"), permissions=["policies_write"])
    def remove(self, request: HttpRequest, chosen: QuerySet[PolicyCase]) -> HttpResponse | None:
        by = author(principal(request))
        return self.with_reason(
            request,
            chosen.select_related("policy"),
            action="remove",
            title=str(_("Remove")),
            service=lambda case, reason: policy_cases.remove(
                policy_id=case.policy_id, name=case.name, by=by, reason=reason
            ),
        )
