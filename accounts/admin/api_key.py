"""API keys of people, for staff: whose, for what, when used; and revoked with a reason."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey
from accounts.services import api_keys
from authz.admin.staff import StaffAdmin
from config.http.console import holds


class WorkingFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("working", _("working")), ("expired", _("expired")), ("revoked", _("revoked"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> QuerySet[ApiKey]:
        now = timezone.now()
        match self.value():
            case "working":
                return queryset.filter(revoked_at=None, expires_at__gt=now)
            case "expired":
                return queryset.filter(revoked_at=None, expires_at__lte=now)
            case "revoked":
                return queryset.exclude(revoked_at=None)
        return queryset


@admin.register(ApiKey)
class ApiKeyAdmin(StaffAdmin):
    """Made by their owners alone; staff see all of a key but its secret, which nobody has."""

    when_empty = _("People make keys for programs of theirs in My account.")
    view_scope = "users:read"
    list_display = (
        "user",
        "name",
        "hint",
        "shown_scopes",
        "created_at",
        "expires_at",
        "last_used_at",
        "last_used_ip",
        "revoked_at",
    )
    list_select_related = ("user",)
    list_filter = (WorkingFilter,)
    search_fields = ("user__email", "name", "hint")
    ordering = ("-id",)
    actions = ("revoke",)
    fields: ClassVar[tuple[str, ...]] = (
        "public_id",
        "user",
        "name",
        "hint",
        "shown_scopes",
        "shown_networks",
        "created_at",
        "expires_at",
        "last_used_at",
        "last_used_ip",
        "revoked_at",
        "revocation_reason",
    )
    readonly_fields = fields

    def has_users_write_permission(self, request: HttpRequest) -> bool:
        return holds(request, "users:write")

    @admin.display(description=_("scopes"))
    def shown_scopes(self, key: ApiKey) -> str:
        return " ".join(key.scopes)

    @admin.display(description=_("networks"))
    def shown_networks(self, key: ApiKey) -> str:
        return " ".join(key.networks) or str(_("anywhere"))

    @admin.action(description=_("Revoke"), permissions=["users_write"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> HttpResponse | None:
        return self.with_reason(
            request,
            keys.select_related("user"),
            action="revoke",
            title=str(_("Revoke")),
            service=lambda key, reason: api_keys.revoke(key=key, reason=reason),
        )
