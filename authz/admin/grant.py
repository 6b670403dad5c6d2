"""Role grants, for staff: who holds what, since when and why; giving and taking."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from authz.admin.staff import StaffAdmin, principal
from authz.models import RoleGrant
from authz.models.role import RoleGrantQuerySet
from authz.services import roles
from config.http.console import holds
from config.http.console_people import NamesPeople


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("live", _("in force")), ("over", _("over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[RoleGrant]) -> QuerySet[RoleGrant]:
        rows: RoleGrantQuerySet = queryset  # type: ignore[assignment]
        match self.value():
            case "live":
                return rows.live()
            case "over":
                return rows.over()
        return queryset


class GrantForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = RoleGrant
        fields = ("user", "role", "expires_at", "reason")

    def clean_expires_at(self) -> Any:
        expires_at = self.cleaned_data["expires_at"]
        if expires_at is not None and expires_at <= timezone.now():
            raise forms.ValidationError(_("Must lie in the future."))
        return expires_at


@admin.register(RoleGrant)
class RoleGrantAdmin(NamesPeople, StaffAdmin):
    """Grants are added and revoked, never edited."""

    named = ("granted_by", "ended_by")
    view_scope = "users:read"
    change_scope = "roles:write"
    addable = True
    form = GrantForm
    autocomplete_fields = ("user", "role")
    list_display = ("user", "role", "granted_at", "giver", "expires_at", "ended_at", "end")
    list_select_related = ("user", "role")
    list_filter = (StateFilter, "role", "end")
    search_fields = ("user__email", "role__name")
    ordering = ("-id",)
    actions = ("revoke",)
    shown: ClassVar[tuple[str, ...]] = (
        "public_id",
        "user",
        "role",
        "giver",
        "reason",
        "granted_at",
        "expires_at",
        "ended_at",
        "end",
        "ender",
        "end_reason",
    )

    @admin.display(description=_("granted by"))
    def giver(self, grant: RoleGrant) -> str:
        return self.called(grant, "granted_by")

    @admin.display(description=_("ended by"))
    def ender(self, grant: RoleGrant) -> str:
        return self.called(grant, "ended_by")

    def get_fields(self, request: HttpRequest, obj: RoleGrant | None = None) -> Any:
        return GrantForm.Meta.fields if obj is None else self.shown

    def get_readonly_fields(self, request: HttpRequest, obj: RoleGrant | None = None) -> Any:
        return () if obj is None else self.shown

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_roles_write_permission(self, request: HttpRequest) -> bool:
        return holds(request, self.change_scope)

    def save_model(self, request: HttpRequest, obj: RoleGrant, form: Any, change: bool) -> None:
        """The grant that the service makes is the one that the page goes on with."""
        granted = roles.grant_role(
            user=obj.user,
            role=obj.role.name,
            granted_by=principal(request),
            reason=obj.reason,
            expires_at=obj.expires_at,
        )
        obj.pk = granted.pk

    @admin.action(description=_("Revoke"), permissions=["roles_write"])
    def revoke(self, request: HttpRequest, grants: QuerySet[RoleGrant]) -> HttpResponse | None:
        caller = principal(request)
        return self.with_reason(
            request,
            grants.select_related("user", "role"),
            action="revoke",
            title=str(_("Revoke")),
            service=lambda grant, reason: roles.revoke_role(
                user=grant.user, role=grant.role.name, revoked_by=caller, reason=reason
            ),
        )
