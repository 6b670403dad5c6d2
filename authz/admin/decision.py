"""Recorded decisions, for staff: who wanted what with what, and why the answer was yes or no."""

from typing import Any, get_args

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from authz.admin.links import decisions_about, simulator_of
from authz.admin.policy_editor import names_for
from authz.admin.policy_text import text_of
from authz.admin.simulator import pages_of
from authz.admin.told_conditions import told_policies
from authz.engine import references
from authz.engine.verdict import Reason
from authz.errors import PolicySetBrokenError
from authz.models import DecisionRecord, Policy
from authz.names import Named
from authz.services import explanations
from authz.services.decisions import Source
from config.http.console import ConsoleAdmin, holds

PEOPLE_AND_PROGRAMS = ("user:", "service:")
DECISION_COLOURS = {"allow": "success", "deny": "danger"}
BECAUSE = {
    Reason.POLICY: _("It matched."),
    Reason.UNKNOWN: _("It could not be ruled out: something that it looks at was unknown."),
    Reason.NO_POLICY: _("No policy allowed it."),
}


class SourceFilter(admin.SimpleListFilter):
    """By the ways there are, not by those that a million rows have."""

    title = _("asked by way of")
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(way, way) for way in get_args(Source)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(source=self.value()) if self.value() else queryset


@admin.register(DecisionRecord)
class DecisionRecordAdmin(ConsoleAdmin):
    when_empty = _(
        "Decisions are recorded as they are asked for; how many of those that allow, is a setting."
    )
    view_scope = "audit:read"
    list_display = ("decided_at", "decision", "who", "action", "what", "decider", "source")
    list_filter = ("allowed", "reason", SourceFilter, ("decided_at", admin.DateFieldListFilter))
    search_fields = ("subject__exact",)  # a box is shown; `get_search_results` reads it
    search_help_text = _(
        "A subject or resource (user:usr_…, trading_account:acc_…), an action, or the policy that decided"
    )
    ordering = ("-id",)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The rows of the page with the names of whom and what they are about, in a query for each type."""
        listed: Any = super().get_changelist_instance(request)
        rows = list(listed.result_list)
        found = names_for(request, {name for row in rows for name in (row.subject, row.resource)})
        for row in rows:
            row.named_subject, row.named_resource = found[row.subject], found[row.resource]
        listed.result_list = rows
        return listed

    @display(description=_("decision"), label=DECISION_COLOURS)
    def decision(self, record: DecisionRecord) -> tuple[str, Any]:
        return ("allow", _("allowed")) if record.allowed else ("deny", _("denied"))

    @admin.display(description=_("who"))
    def who(self, record: Any) -> str:
        return _linked(record.named_subject)

    @admin.display(description=_("with"))
    def what(self, record: Any) -> str:
        return _linked(record.named_resource)

    @admin.display(description=_("by"))
    def decider(self, record: DecisionRecord) -> Any:
        return record.policy or _("no policy allows it")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By what has an index, whole."""
        rows: Any = queryset
        term = search_term.strip()
        if not term:
            return queryset, False
        if not references.is_entity(term):
            is_policy = Policy.objects.filter(name=term).exists()
            return (rows.decided_by(term) if is_policy else rows.with_action(term)), False
        if term.startswith(PEOPLE_AND_PROGRAMS):
            return rows.about(term), False
        return rows.with_resource(term), False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The decision in words, with what the policies of now make of it; nothing here is written."""
        if (
            request.method not in {"GET", "HEAD"}
            or object_id is None
            or not self.has_view_permission(request)
        ):
            raise PermissionDenied
        record = self.get_object(request, object_id)
        if record is None:
            return self.not_there(request, object_id)
        found = names_for(request, (record.subject, record.resource))
        return render(
            request,
            "authz/decision.html",
            {
                **self.admin_site.each_context(request),
                "title": _("Decision"),
                "opts": self.opts,
                "original": record,
                "record": record,
                "subject": found[record.subject],
                "resource": found[record.resource],
                "because": BECAUSE[Reason(record.reason)],
                "policy_page": _page_of(record.policy),
                "known": _known(record),
                "simulator": _simulator(request, record),
                "more": decisions_about(record.subject),
                **_again(record),
                **(extra_context or {}),
            },
        )


def _linked(one: Named) -> str:
    if not one.page:
        return one.text
    return format_html('<a href="{}" class="underline">{}</a>', one.page, one.text)


def _page_of(name: str) -> str:
    """The page of the policy that has this name now."""
    policy = Policy.objects.live().filter(name=name).first() if name else None
    return reverse("admin:authz_policy_change", args=[policy.pk]) if policy else ""


def _known(record: DecisionRecord) -> list[tuple[Any, str]]:
    """What the decision was made from, as far as it was recorded."""
    return [
        (_("The request"), text_of(record.context)),
        (_("Known of who asked"), text_of(record.subject_attributes)),
        (_("Known of the resource"), text_of(record.resource_attributes)),
    ]


def _simulator(request: HttpRequest, record: DecisionRecord) -> str:
    if not holds(request, "authz:explain"):
        return ""
    return simulator_of(subject=record.subject, action=record.action, resource=record.resource)


def _again(record: DecisionRecord) -> dict[str, Any]:
    """What the policies in force answer to the same question, from what was known then."""
    try:
        explained = explanations.explain_record(record)
    except PolicySetBrokenError:
        return {}
    return {
        "explained": explained,
        "same_policies": explained.fingerprint == record.fingerprint,
        "same_answer": explained.explanation.verdict.allowed is record.allowed,
        "allowed": explained.explanation.verdict.allowed,
        "policies": told_policies(explained),
        "pages": pages_of(explained),
    }
