"""Recorded decisions, for staff: to look at."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from authz.engine import references
from authz.models import DecisionRecord
from config.http.console import ConsoleAdmin, as_json
from config.http.estimated_pages import EstimatedPaginator

PEOPLE_AND_PROGRAMS = ("user:", "service:")
DECISION_COLOURS = {"allow": "success", "deny": "danger"}


@admin.register(DecisionRecord)
class DecisionRecordAdmin(ConsoleAdmin):
    view_scope = "audit:read"
    paginator = EstimatedPaginator
    list_display = ("decided_at", "subject", "action", "resource", "decision", "reason", "policy")
    list_filter = ("allowed", "reason", "source", ("decided_at", admin.DateFieldListFilter))
    search_fields = ("subject__exact",)  # a box is shown; `get_search_results` reads it
    search_help_text = _("A subject or resource (user:usr_…, trading_account:acc_…), or an action")
    ordering = ("-id",)
    fields = (
        "public_id",
        "decided_at",
        "subject",
        "action",
        "resource",
        "decision",
        "reason",
        "policy",
        "policy_version",
        "fingerprint",
        "source",
        "request_id",
        "shown_context",
        "shown_subject",
        "shown_resource",
        "left_out",
    )
    readonly_fields = fields

    @display(description=_("decision"), label=DECISION_COLOURS)
    def decision(self, record: DecisionRecord) -> str:
        return "allow" if record.allowed else "deny"

    @admin.display(description=_("context"))
    def shown_context(self, record: DecisionRecord) -> str:
        return as_json(record.context)

    @admin.display(description=_("known of the subject"))
    def shown_subject(self, record: DecisionRecord) -> str:
        return as_json(record.subject_attributes)

    @admin.display(description=_("known of the resource"))
    def shown_resource(self, record: DecisionRecord) -> str:
        return as_json(record.resource_attributes)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By what has an index, whole."""
        rows: Any = queryset
        term = search_term.strip()
        if not term:
            return queryset, False
        if not references.is_entity(term):
            return rows.with_action(term), False
        if term.startswith(PEOPLE_AND_PROGRAMS):
            return rows.about(term), False
        return rows.with_resource(term), False
