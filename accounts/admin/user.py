"""People, for staff: found, read, and shut out or let in with a reason."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import display

from accounts.admin.reset_request import staff
from accounts.models import ApiKey, User
from accounts.models.session import EndReason
from accounts.models.user import UserStatus
from accounts.services import erasure, factor_reset, sessions, status
from audit.privacy.services import exports
from audit.privacy.services import holds as legal_holds
from authz.admin.staff import StaffAdmin, principal
from config.http.console import holds
from config.http.proof import proof_wanted

STATUS_COLOURS = {
    UserStatus.ACTIVE: "success",
    UserStatus.PENDING_VERIFICATION: "info",
    UserStatus.SUSPENDED: "danger",
    UserStatus.DEACTIVATED: "warning",
}


class ApiKeyInline(TabularInline):  # type: ignore[misc]
    """Those that were not revoked; they are revoked on their own page, with a reason."""

    model = ApiKey
    fields = ("name", "hint", "created_at", "expires_at", "last_used_at", "last_used_ip")
    readonly_fields = fields
    extra = 0
    can_delete = False
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKey]:
        return ApiKey.objects.unrevoked()

    def has_add_permission(self, *_: Any) -> bool:
        return False

    def has_change_permission(self, *_: Any) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return holds(request, "users:read")


@admin.register(User)
class UserAdmin(StaffAdmin):
    view_scope = "users:read"
    list_display = (
        "email",
        "name",
        "shown_status",
        "email_verified_at",
        "last_login",
        "created_at",
    )
    list_filter = ("status", "locale", ("created_at", admin.DateFieldListFilter))
    search_fields = ("email", "name", "phone")
    search_help_text = _("Part of an e-mail, name or phone number, or a whole id (usr_…)")
    ordering = ("-id",)
    inlines = (ApiKeyInline,)
    actions = (
        "suspend",
        "reactivate",
        "deactivate",
        "end_sessions",
        "reset_factors",
        "export",
        "erase",
        "hold",
    )
    fields = (
        "public_id",
        "email",
        "name",
        "phone",
        "timezone",
        "locale",
        "status",
        "status_reason",
        "status_changed_at",
        "erasure_due_at",
        "email_verified_at",
        "password_changed_at",
        "last_login",
        "created_at",
    )
    readonly_fields = fields

    @display(description=_("status"), label=STATUS_COLOURS)
    def shown_status(self, user: User) -> tuple[str, str]:
        return user.status, user.get_status_display()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        if not search_term:
            return queryset, False
        return queryset.filter(pk__in=User.objects.search(search_term).values("pk")), False

    def has_users_write_permission(self, request: HttpRequest) -> bool:
        return holds(request, "users:write")

    def has_sessions_write_permission(self, request: HttpRequest) -> bool:
        return holds(request, "sessions:write")

    @admin.action(description=_("Suspend"), permissions=["users_write"])
    def suspend(self, request: HttpRequest, people: QuerySet[User]) -> HttpResponse | None:
        return self._change_status(request, people, "suspend", _("Suspend"), status.suspend)

    @admin.action(description=_("Reactivate"), permissions=["users_write"])
    def reactivate(self, request: HttpRequest, people: QuerySet[User]) -> HttpResponse | None:
        return self._change_status(
            request, people, "reactivate", _("Reactivate"), status.reactivate
        )

    @admin.action(description=_("Deactivate"), permissions=["users_write"])
    def deactivate(self, request: HttpRequest, people: QuerySet[User]) -> HttpResponse | None:
        return self._change_status(
            request, people, "deactivate", _("Deactivate"), status.deactivate
        )

    @admin.action(description=_("End all sessions"), permissions=["sessions_write"])
    def end_sessions(self, request: HttpRequest, people: QuerySet[User]) -> None:
        ended = sum(sessions.end_all(user=user, reason=EndReason.REVOKED) for user in people)
        messages.success(request, _("%(count)d sessions ended.") % {"count": ended})

    def has_factors_reset_permission(self, request: HttpRequest) -> bool:
        return holds(request, "factors:reset")

    @admin.action(description=_("Reset lost factors"), permissions=["factors_reset"])
    def reset_factors(self, request: HttpRequest, people: QuerySet[User]) -> HttpResponse | None:
        """Another of the staff has to approve it."""
        if proof := proof_wanted(request):
            return proof
        who = staff(request)
        return self.with_reason(
            request,
            people,
            action="reset_factors",
            title=str(_("Reset lost factors")),
            service=lambda user, reason: factor_reset.request(user=user, reason=reason, **who),
        )

    def has_privacy_write_permission(self, request: HttpRequest) -> bool:
        return holds(request, "privacy:write")

    @admin.action(description=_("Make an archive for the person"), permissions=["privacy_write"])
    def export(self, request: HttpRequest, people: QuerySet[User]) -> HttpResponse | None:
        by = principal(request)
        return self._change_status(
            request,
            people,
            "export",
            _("Make an archive for the person"),
            lambda user, reason: exports.ask(subject=user, by=by, reason=reason),
        )

    @admin.action(description=_("Erase after the grace"), permissions=["privacy_write"])
    def erase(self, request: HttpRequest, people: QuerySet[User]) -> HttpResponse | None:
        if proof := proof_wanted(request):
            return proof
        by = principal(request).subject
        return self._change_status(
            request,
            people,
            "erase",
            _("Erase after the grace"),
            lambda user, reason: erasure.ask(user=user, by=by, reason=reason),
        )

    @admin.action(description=_("Place a legal hold"), permissions=["privacy_write"])
    def hold(self, request: HttpRequest, people: QuerySet[User]) -> HttpResponse | None:
        by = principal(request).subject
        return self._change_status(
            request,
            people,
            "hold",
            _("Place a legal hold"),
            lambda user, reason: legal_holds.place(subject=user, by=by, reason=reason),
        )

    def _change_status(
        self,
        request: HttpRequest,
        people: QuerySet[User],
        action: str,
        title: Any,
        service: Callable[..., object],
    ) -> HttpResponse | None:
        scopes = principal(request).scopes

        def change(user: User, reason: str) -> None:
            status.require_reach(user, scopes=scopes)
            service(user=user, reason=reason)

        return self.with_reason(
            request,
            people,
            action=action,
            title=title,
            service=change,
        )
