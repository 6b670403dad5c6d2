"""Sessions, for staff: where, on what and how risky they began, and ended with a reason."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from accounts.devices import device_in_words, place_in_words
from accounts.models import Session
from accounts.models.session import SessionQuerySet
from accounts.services import sessions
from accounts.services.risk.assessment import MOST, Level, level_of
from accounts.services.risk.signals import WORDS
from audit.networks import parse_network
from authz.admin.staff import StaffAdmin
from config import geography
from config.dashboard.panels import moment
from config.http.console import holds

LEVELS = {Level.LOW: _("low"), Level.MEDIUM: _("medium"), Level.HIGH: _("high")}
RISK_COLOURS = {Level.LOW: "success", Level.MEDIUM: "warning", Level.HIGH: "danger"}


class LiveFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("live", _("live")), ("ended", _("over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Session]) -> QuerySet[Session]:
        rows: SessionQuerySet = queryset  # type: ignore[assignment]
        match self.value():
            case "live":
                return rows.live()
            case "ended":
                return rows.over()
        return queryset


class RiskFilter(admin.SimpleListFilter):
    title = _("risk")
    parameter_name = "risk"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(level.value, words) for level, words in LEVELS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Session]) -> QuerySet[Session]:
        medium, high = settings.ENVIRONMENT.risk_medium, settings.ENVIRONMENT.risk_high
        scores = {
            Level.LOW.value: (0, medium),
            Level.MEDIUM.value: (medium, high),
            Level.HIGH.value: (high, MOST + 1),
        }
        chosen = scores.get(self.value() or "")
        if chosen is None:
            return queryset
        lowest, below = chosen
        return queryset.filter(risk_score__gte=lowest, risk_score__lt=below)


@admin.register(Session)
class SessionAdmin(StaffAdmin):
    view_scope = "users:read"
    list_before_template = "console/places_unknown.html"
    list_display = (
        "user",
        "device",
        "place",
        "risk",
        "how",
        "created_at",
        "last_active_at",
        "ended",
    )
    list_select_related = ("user",)
    list_filter = (LiveFilter, RiskFilter, "method", "acr", "end_reason")
    search_fields = ("user__email",)
    search_help_text = _("Part of an e-mail, name or phone number, or a whole IP address")
    ordering = ("-id",)
    actions = ("end",)
    actions_detail = ("end_this",)
    fields = (
        "public_id",
        "user",
        "device",
        "user_agent",
        "place",
        "asn",
        "risk_in_words",
        "why_risky",
        "method",
        "acr",
        "created_at",
        "last_active_at",
        "expires_at",
        "idle_expires_at",
        "ended_at",
        "end_reason",
    )
    readonly_fields = fields

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        network = parse_network(search_term.strip())
        if network is not None and network.num_addresses == 1:
            return queryset.filter(ip=str(network.network_address)), False
        return super().get_search_results(request, queryset, search_term)

    @display(description=_("device"))
    def device(self, session: Session) -> str:
        software = device_in_words(session.user_agent)
        return f"{session.device_name} ({software})" if session.device_name else software

    @display(description=_("place"))
    def place(self, session: Session) -> str:
        where = place_in_words(session.country, session.city)
        return f"{where} ({session.ip})" if where and session.ip else where or session.ip or ""

    @display(description=_("risk"), ordering="risk_score", label=RISK_COLOURS)
    def risk(self, session: Session) -> tuple[str, str] | None:
        if session.risk_score is None:
            return None
        level = level_of(session.risk_score)
        return level.value, f"{LEVELS[level]} ({session.risk_score})"

    @display(description=_("risk"))
    def risk_in_words(self, session: Session) -> str:
        told = self.risk(session)
        return told[1] if told else ""

    @display(description=_("method"), ordering="method")
    def how(self, session: Session) -> str:
        """With the second factor, where there was one: what was proved has no column of its own."""
        proved = (session.get_method_display(), session.get_acr_display())
        return ", ".join(proved) if session.acr == "mfa" else proved[0]

    @display(description=_("ended"), ordering="ended_at")
    def ended(self, session: Session) -> str:
        """When and why, in one column: lists fit a window."""
        if session.ended_at is None:
            return ""
        return f"{moment(session.ended_at)}, {session.get_end_reason_display()}"

    @display(description=_("why"))
    def why_risky(self, session: Session) -> str:
        return " ".join(str(WORDS.get(name, name)) for name in session.risk_signals)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Says above the list when nobody gave us a map of addresses."""
        known = geography.PLACES.content() is not None
        context = (extra_context or {}) | {"places_known": known}
        page: HttpResponse = super().changelist_view(request, context)
        return page

    def has_sessions_write_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return holds(request, "sessions:write")

    @admin.action(description=_("End"), permissions=["sessions_write"])
    def end(self, request: HttpRequest, chosen: QuerySet[Session]) -> HttpResponse | None:
        def end(session: Session, reason: str) -> None:
            sessions.end_by_staff(session=session, note=reason)

        rows = list(chosen.select_related("user"))
        for row in rows:
            told = filter(None, (self.device(row), self.place(row)))
            row.described = f"{row.user}: {', '.join(told)}"  # type: ignore[attr-defined]
        return self.with_reason(
            request,
            rows,
            action="end",
            title=ngettext("End the session", "End the sessions", len(rows)),
            explanation=gettext(
                "Its tokens are refused from now on. The person may sign in again."
            ),
            service=end,
        )

    @action(description=_("End"), url_path="end", permissions=["sessions_write"])
    def end_this(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """From the session's page, or from its person's, which it goes back to."""
        session = self.found(request, object_id)
        asked = self.end(request, Session.objects.filter(pk=session.pk))
        back = reverse("admin:accounts_user_change", args=[session.user_id])
        return asked or HttpResponseRedirect(back)
