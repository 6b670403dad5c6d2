"""Who shares which account, for staff: seen."""

from django.contrib import admin

from config.http.console import ConsoleAdmin
from trading.models import Membership


@admin.register(Membership)
class MembershipAdmin(ConsoleAdmin):
    view_scope = "trading:read"
    list_display = ("account", "user", "permissions", "status", "expires_at", "granted_by")
    list_select_related = ("account", "user", "granted_by")
    list_filter = ("status",)
    search_fields = ("account__nickname", "user__email")
    ordering = ("-id",)
    fields = (
        "public_id",
        "account",
        "user",
        "permissions",
        "status",
        "granted_by",
        "created_at",
        "invitation_expires_at",
        "accepted_at",
        "expires_at",
        "ended_at",
    )
    readonly_fields = fields
