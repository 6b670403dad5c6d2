"""Roles, for staff: what there is, and what each one opens."""

from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from authz.models import Role, RoleGrant
from config.http.console import ConsoleAdmin

MOST_COUNTED = 10_000


@admin.register(Role)
class RoleAdmin(ConsoleAdmin):
    view_scope = "users:read"
    list_display = ("name", "shown_description", "shown_scopes", "holders")
    search_fields = ("name",)
    ordering = ("name",)
    fields = (
        "public_id",
        "name",
        "shown_description",
        "shown_scopes",
        "created_at",
        "updated_at",
    )
    readonly_fields = fields

    @admin.display(description=_("description"))
    def shown_description(self, role: Role) -> str:
        """Those of the shipped roles are in the catalogue; an operator's own are as they were written."""
        return gettext(role.description) if role.description else ""

    @admin.display(description=_("scopes"))
    def shown_scopes(self, role: Role) -> str:
        return ", ".join(role.scopes) or gettext("none")

    @admin.display(description=_("holders"))
    def holders(self, role: Role) -> str:
        """Counted as far as it takes no time."""
        live = RoleGrant.objects.live().filter(role=role)[: MOST_COUNTED + 1].count()
        return f"> {MOST_COUNTED:,}" if live > MOST_COUNTED else f"{live:,}"
