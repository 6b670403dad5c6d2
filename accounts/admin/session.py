"""Sessions, for staff: seen and ended."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Session
from accounts.models.session import EndReason
from accounts.services import sessions
from config.http.console import ConsoleAdmin, holds


class LiveFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("live", _("live")), ("ended", _("over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Session]) -> QuerySet[Session]:
        live = Session.objects.live().values("pk")
        match self.value():
            case "live":
                return queryset.filter(pk__in=live)
            case "ended":
                return queryset.exclude(pk__in=live)
        return queryset


@admin.register(Session)
class SessionAdmin(ConsoleAdmin):
    view_scope = "users:read"
    list_display = (
        "user",
        "method",
        "acr",
        "device_name",
        "ip",
        "created_at",
        "last_active_at",
        "ended_at",
        "end_reason",
    )
    list_select_related = ("user",)
    list_filter = (LiveFilter, "method", "acr", "end_reason")
    search_fields = ("user__email", "ip")
    ordering = ("-id",)
    actions = ("end",)

    def has_sessions_write_permission(self, request: HttpRequest) -> bool:
        return holds(request, "sessions:write")

    @admin.action(description=_("End"), permissions=["sessions_write"])
    def end(self, request: HttpRequest, chosen: QuerySet[Session]) -> None:
        ended = sum(
            sessions.end(session=session, reason=EndReason.REVOKED)
            for session in chosen.select_related("user")
        )
        messages.success(request, _("%(count)d sessions ended.") % {"count": ended})
