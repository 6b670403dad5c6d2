"""The trail as staff see it: to look at, never to change."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from audit.admin.searches import SearchableAdmin
from audit.admin.watched import WatchedAdmin
from audit.api.chain import ProofSerializer
from audit.chain import proofs
from audit.models import NEWEST_FIRST, NOTABLE_RISK, AuthEvent, AuthEventQuerySet
from audit.networks import parse_network
from audit.people import actor_in_words, addresses_of, origin_of
from audit.sentences import sentence_of
from audit.services import console_views
from audit.types import AuditType
from config.http.console import holds
from config.http.problems import ProblemError
from config.ids import parse_public_id


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


RETOLD = frozenset({"event_id"})  # which the public id says


@admin.register(AuthEvent)
class AuthEventAdmin(WatchedAdmin, SearchableAdmin):
    view_scope = "audit:read"
    list_display = (
        "when",
        "what",
        "by_whom",
        "about",
        "from_where",
        "risk_score",
    )
    list_filter = (TypeFilter, "outcome", RiskFilter, ("occurred_at", admin.DateFieldListFilter))
    search_fields = ("subject_user_id__exact",)  # a box is shown; `get_search_results` reads it
    search_help_text = _("A whole id (usr_…, ses_…, evt_…), an IP address or a network")
    ordering = NEWEST_FIRST
    fields = (
        "told",
        "public_id",
        *(field.name for field in AuthEvent._meta.concrete_fields if field.name not in RETOLD),
    )
    readonly_fields = fields
    when_empty = _("Whatever happens to accounts and rules leaves a row here.")
    actions_detail = ("proof",)

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

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Who the ids of the page's rows are is asked once, for all of them."""
        shown = super().get_changelist_instance(request)
        rows = list(shown.result_list)
        known = addresses_of(each for row in rows for each in (row.actor_id, row.subject_user_id))
        for row in rows:
            row.known = known
        shown.result_list = rows
        return shown

    @display(description=_("when (UTC)"), ordering="occurred_at")
    def when(self, row: AuthEvent) -> str:
        return f"{row.occurred_at:%Y-%m-%d %H:%M:%S}"

    @display(description=_("what"))
    def what(self, row: AuthEvent) -> str:
        """The sentence, and the type below it for those who know them by name."""
        return format_html(
            '<span class="timeline-{}">{}<small>{}</small></span>',
            row.outcome,
            sentence_of(row),
            row.event_type,
        )

    @display(description=_("what"))
    def told(self, row: AuthEvent) -> str:
        """The sentence, who did it and to whom."""
        known = addresses_of((row.actor_id, row.subject_user_id))
        about = known.get(row.subject_user_id, row.subject_user_id)
        by_whom = gettext("By whom: %(whom)s.") % {"whom": actor_in_words(row, known)}
        whose = gettext("About: %(whom)s.") % {"whom": about} if about else ""
        return " ".join(filter(None, (sentence_of(row), by_whom, whose)))

    @display(description=_("by whom"))
    def by_whom(self, row: Any) -> str:
        return actor_in_words(row, row.known)

    @display(description=_("about"))
    def about(self, row: Any) -> str:
        address: str = row.known.get(row.subject_user_id, row.subject_user_id)
        return address

    @display(description=_("from where"))
    def from_where(self, row: AuthEvent) -> str:
        return origin_of(row)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By what has an index, whole; anything else finds nothing rather than read the whole trail."""
        rows: AuthEventQuerySet = queryset  # type: ignore[assignment]
        term = search_term.strip()
        return (_search(rows, term) if term else rows), False

    def has_audit_read_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return holds(request, self.view_scope)

    def get_urls(self) -> list[Any]:
        file = self.admin_site.admin_view(self.proof_file)
        return [
            path("<uuid:pk>/proof.json", file, name="audit_authevent_proof_file"),
            *super().get_urls(),
        ]

    @action(description=_("Proof"), url_path="proof", permissions=["audit_read"])
    def proof(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What shows that the row is in the trail that was signed, and how it is checked."""
        row = self.found(request, object_id)
        page = {
            **self.admin_site.each_context(request),
            "title": _("The proof of %(event)s") % {"event": row.public_id},
            "row": row,
        }
        try:
            page["proof"] = proofs.prove(row.pk)
        except ProblemError as problem:
            page["problem"] = gettext(problem.title)
        return render(request, "console/audit_proof.html", page)

    def proof_file(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """The same document as the API's."""
        if not holds(request, self.view_scope):
            raise PermissionDenied
        try:
            document = ProofSerializer(proofs.prove(pk)).data
        except ProblemError as problem:
            messages.error(request, gettext(problem.title))
            return HttpResponseRedirect(reverse("admin:audit_authevent_changelist"))
        name = f"proof-{AuthEvent(pk=pk).public_id}.json"
        return JsonResponse(
            document, headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )


def _search(rows: AuthEventQuerySet, term: str) -> AuthEventQuerySet:
    if parse_public_id("usr", term):
        return rows.for_user(term)
    if parse_public_id("ses", term):
        return rows.in_session(term)
    if key := AuthEvent.parse_id(term):
        return rows.filter(event_id=key)
    network = parse_network(term)
    return rows.from_network(network) if network else rows.none()
