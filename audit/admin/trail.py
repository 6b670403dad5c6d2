"""The trail as staff see it: to look at, never to change."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from audit.admin.watched import WatchedAdmin
from audit.models import NEWEST_FIRST, NOTABLE_RISK, AuthEvent, AuthEventQuerySet
from audit.networks import parse_network
from audit.services import console_views
from audit.types import AuditType, Outcome
from config.http.estimated_pages import EstimatedPaginator
from config.ids import parse_public_id

OUTCOME_COLOURS = {Outcome.SUCCESS: "success", Outcome.FAILURE: "danger"}


class TypeFilter(admin.SimpleListFilter):
    title = _("type")
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        families = sorted({f"{kind.partition('.')[0]}.*" for kind in AuditType})
        return [(pattern, pattern) for pattern in (*families, *sorted(AuditType))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: AuthEventQuerySet = queryset  # type: ignore[assignment]
        pattern = self.value()
        return rows.of_types(AuditType.matching(pattern)) if pattern else rows


class RiskFilter(admin.SimpleListFilter):
    title = _("risk")
    parameter_name = "risk"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(score), _("%d or more") % score) for score in (NOTABLE_RISK, 50, 70, 90)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: AuthEventQuerySet = queryset  # type: ignore[assignment]
        lowest = self.value() or ""
        return rows.with_risk(int(lowest)) if lowest.isdecimal() else rows


@admin.register(AuthEvent)
class AuthEventAdmin(WatchedAdmin):
    view_scope = "audit:read"
    paginator = EstimatedPaginator
    list_display = (
        "occurred_at",
        "event_type",
        "shown_outcome",
        "subject_user_id",
        "actor_id",
        "ip",
        "risk_score",
    )
    list_filter = (TypeFilter, "outcome", RiskFilter, ("occurred_at", admin.DateFieldListFilter))
    search_fields = ("subject_user_id__exact",)  # a box is shown; `get_search_results` reads it
    search_help_text = _("A whole id (usr_…, ses_…, evt_…), an IP address or a network")
    ordering = NEWEST_FIRST
    fields = tuple(field.name for field in AuthEvent._meta.concrete_fields)
    readonly_fields = fields

    def person_shown(self, row: AuthEvent) -> str:
        return row.subject_user_id

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A look at the trail is on the trail, with whose rows were looked for."""
        term = request.GET.get("q", "").strip()
        whose = term if parse_public_id("usr", term) else ""
        if request.method == "GET" and self.has_view_permission(request):
            console_views.note(page="trail", object_id=term or "all", user_id=whose)
        page: HttpResponse = super().changelist_view(request, extra_context)
        return page

    @display(description=_("outcome"), label=OUTCOME_COLOURS)
    def shown_outcome(self, row: AuthEvent) -> tuple[str, str]:
        return row.outcome, row.get_outcome_display()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By what has an index, whole; anything else finds nothing rather than read the whole trail."""
        rows: AuthEventQuerySet = queryset  # type: ignore[assignment]
        term = search_term.strip()
        return (_search(rows, term) if term else rows), False


def _search(rows: AuthEventQuerySet, term: str) -> AuthEventQuerySet:
    if parse_public_id("usr", term):
        return rows.for_user(term)
    if parse_public_id("ses", term):
        return rows.in_session(term)
    if key := AuthEvent.parse_id(term):
        return rows.filter(event_id=key)
    network = parse_network(term)
    return rows.from_network(network) if network else rows.none()
