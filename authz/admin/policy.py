"""Policies, for staff: a JSON editor that says what is wrong where, and the history of versions."""

import json
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from authz.admin.staff import StaffAdmin, principal, told
from authz.engine import document as language
from authz.engine.errors import PolicyError
from authz.models import Policy, PolicyVersion
from authz.services import policies
from authz.services.authorship import LONGEST_REASON, author
from config.http import json as strict_json
from config.http.console import holds
from config.http.problems import MalformedBodyError, PreconditionFailedError

CHANGED_MEANWHILE = _("Somebody changed the policy since you opened it: look at it again.")
EFFECT_COLOURS = {"allow": "success", "deny": "danger"}


class DocumentField(forms.CharField):
    """A policy as JSON text, compiled before it is taken."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 28, "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        return json.dumps(value, indent=2, ensure_ascii=False) if isinstance(value, dict) else value

    def clean(self, value: Any) -> Any:
        text: str = super().clean(value)
        try:
            document = strict_json.parse(text.encode())
            language.parse(document)
        except MalformedBodyError as problem:
            raise forms.ValidationError(told(problem)) from None
        except PolicyError as error:
            raise forms.ValidationError(
                [f"{flaw.path}: {flaw.detail}" for flaw in error.flaws]
            ) from None
        return document


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    document = DocumentField(label=_("document"))
    reason = forms.CharField(
        label=_("reason"), max_length=LONGEST_REASON, widget=UnfoldAdminTextInputWidget
    )
    break_cases = forms.BooleanField(
        label=_("go ahead although cases break"), required=False, widget=UnfoldBooleanWidget
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Policy
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.fields["document"].initial = self.instance.current.document
            self.fields["seen"].initial = self.instance.current.number

    def clean_document(self) -> Any:
        document = self.cleaned_data["document"]
        others = Policy.objects.live().exclude(pk=self.instance.pk)
        if others.filter(name=document["name"]).exists():
            raise forms.ValidationError(_("Another policy has this name."))
        return document

    def clean(self) -> dict[str, Any]:
        """Here what was typed is not lost; the service looks again, with the row locked."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.instance._state.adding and self.instance.current.number != data.get("seen"):
            raise forms.ValidationError(CHANGED_MEANWHILE)
        return data


class VersionInline(TabularInline):  # type: ignore[misc]
    model = PolicyVersion
    verbose_name_plural = _("versions")
    fields = ("number", "created_at", "created_by", "reason", "shown_document")
    readonly_fields = fields
    ordering = ("-number",)
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return holds(request, PolicyAdmin.view_scope)

    @admin.display(description=_("document"))
    def shown_document(self, version: PolicyVersion) -> str:
        text = json.dumps(version.document, indent=2, ensure_ascii=False)
        return format_html('<pre class="console-json">{}</pre>', text)


@admin.register(Policy)
class PolicyAdmin(StaffAdmin):
    view_scope = "policies:read"
    change_scope = "policies:write"
    addable = True
    form = PolicyForm
    inlines = (VersionInline,)
    list_display = ("name", "effect", "priority", "enabled", "version", "updated_at")
    list_select_related = ("current",)
    search_fields = ("name",)
    ordering = ("name",)
    actions = ("take_out_of_force",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Policy]:
        return Policy.objects.live().with_current()

    def get_fields(self, request: HttpRequest, obj: Policy | None = None) -> Any:
        if not holds(request, self.change_scope):
            return ("public_id", "shown_document")
        return ("document", "reason", "break_cases", "seen")

    def get_readonly_fields(self, request: HttpRequest, obj: Policy | None = None) -> Any:
        return ("public_id", "shown_document") if not holds(request, self.change_scope) else ()

    def get_inlines(self, request: HttpRequest, obj: Policy | None) -> Any:
        return self.inlines if obj is not None else ()

    @display(description=_("effect"), label=EFFECT_COLOURS)
    def effect(self, policy: Policy) -> str:
        return str(policy.current.document["effect"])

    @admin.display(description=_("priority"))
    def priority(self, policy: Policy) -> int:
        return int(policy.current.document.get("priority", 0))

    @admin.display(description=_("enabled"), boolean=True)
    def enabled(self, policy: Policy) -> bool:
        return bool(policy.current.document.get("enabled", True))

    @admin.display(description=_("version"))
    def version(self, policy: Policy) -> int:
        return policy.current.number

    @admin.display(description=_("document"))
    def shown_document(self, policy: Policy) -> str:
        text = json.dumps(policy.current.document, indent=2, ensure_ascii=False)
        return format_html('<pre class="console-json">{}</pre>', text)

    def save_model(self, request: HttpRequest, obj: Policy, form: Any, change: bool) -> None:
        """The service writes; the page goes on with the row that it wrote."""
        written = {
            "document": form.cleaned_data["document"],
            "reason": form.cleaned_data["reason"],
            "by": author(principal(request)),
            "break_cases": form.cleaned_data["break_cases"],
        }
        if change:
            unchanged = partial(_require_version, number=form.cleaned_data["seen"])
            policies.update(policy_id=obj.pk, precondition=unchanged, **written)
        else:
            obj.pk = policies.create(**written).pk
        obj.refresh_from_db()

    def has_policies_write_permission(self, request: HttpRequest) -> bool:
        return holds(request, self.change_scope)

    @admin.action(description=_("Take out of force"), permissions=["policies_write"])
    def take_out_of_force(
        self, request: HttpRequest, chosen: QuerySet[Policy]
    ) -> HttpResponse | None:
        by = author(principal(request))
        return self.with_reason(
            request,
            chosen,
            action="take_out_of_force",
            title=str(_("Take out of force")),
            service=lambda policy, reason: policies.delete(
                policy_id=policy.pk, by=by, reason=reason
            ),
        )


def _require_version(policy: Policy, *, number: int | None) -> None:
    """Raises PreconditionFailedError when somebody else wrote a version since the form was opened."""
    if policy.current.number != number:
        raise PreconditionFailedError(str(CHANGED_MEANWHILE))
