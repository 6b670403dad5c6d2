"""Roles, for staff: what there is, and what each one opens."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from authz.models import Role
from config.http.console import ConsoleAdmin


@admin.register(Role)
class RoleAdmin(ConsoleAdmin):
    view_scope = "users:read"
    list_display = ("name", "description", "shown_scopes", "holders")
    search_fields = ("name",)
    ordering = ("name",)
    fields = ("public_id", "name", "description", "shown_scopes", "created_at", "updated_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Role]:
        now = timezone.now()
        live = Q(grants__ended_at=None) & (
            Q(grants__expires_at=None) | Q(grants__expires_at__gt=now)
        )
        rows: QuerySet[Role] = super().get_queryset(request)
        return rows.annotate(holder_count=Count("grants", filter=live))

    @admin.display(description=_("scopes"))
    def shown_scopes(self, role: Role) -> str:
        return ", ".join(role.scopes) or "none"

    @admin.display(description=_("holders"), ordering="holder_count")
    def holders(self, role: Any) -> int:
        return int(role.holder_count)
