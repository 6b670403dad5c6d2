"""People, for staff: found, read as one story, and shut out or let in with a reason."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.admin.person_email import PersonEmail
from accounts.admin.person_filters import FactorFilter, RoleFilter, SeenFilter
from accounts.models import User
from accounts.models.user import UserStatus
from config.dashboard.panels import shown_to

STATUS_COLOURS = {
    UserStatus.ACTIVE: "success",
    UserStatus.PENDING_VERIFICATION: "info",
    UserStatus.SUSPENDED: "danger",
    UserStatus.DEACTIVATED: "warning",
}


@admin.register(User)
class UserAdmin(PersonEmail):
    view_scope = "users:read"
    list_display = (
        "email",
        "name",
        "shown_status",
        "email_verified_at",
        "last_seen",
        "created_at",
    )
    list_filter = (
        "status",
        RoleFilter,
        FactorFilter,
        SeenFilter,
        "locale",
        ("created_at", admin.DateFieldListFilter),
    )
    search_fields = ("email", "name", "phone")
    search_help_text = _(
        "Part of an e-mail, name or phone number, or a whole id (usr_…, ses_…, acc_…, a user id at a broker)"
    )
    ordering = ("-id",)
    change_form_outer_before_template = "dashboard/deeds.html"
    change_form_outer_after_template = "dashboard/panels.html"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("public_id", "email"),
                    ("name", "phone"),
                    ("timezone", "locale"),
                    ("shown_state", "erasure_due_at"),
                    ("email_verified_at", "password_changed_at"),
                    ("last_login", "created_at"),
                )
            },
        ),
    )
    readonly_fields: ClassVar[tuple[str, ...]] = (
        "public_id",
        "email",
        "name",
        "phone",
        "timezone",
        "locale",
        "shown_state",
        "erasure_due_at",
        "email_verified_at",
        "password_changed_at",
        "last_login",
        "created_at",
    )

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["dashboard/dashboard.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return User.objects.with_last_seen()

    @display(description=_("status"), label=STATUS_COLOURS)
    def shown_status(self, user: User) -> tuple[str, str]:
        return user.status, user.get_status_display()

    @display(description=_("status"))
    def shown_state(self, user: User) -> str:
        return str(user.get_status_display())

    @display(description=_("last seen"))
    def last_seen(self, user: Any) -> datetime | None:
        seen: datetime | None = user.last_seen
        return seen

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        people: Any = queryset
        return (people.search(search_term) if search_term.strip() else people), False

    def person_shown(self, row: User) -> str:
        return row.public_id

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """With what may be done and what each app has to tell of the person."""
        person = self.get_object(request, object_id) if self.has_view_permission(request) else None
        context = dict(extra_context or {})
        if person is not None:
            context |= {
                "panels": shown_to(request, person),
                "deeds": self.deeds_for(request, person),
            }
        page: HttpResponse = super().change_view(request, object_id, form_url, context)
        return page
