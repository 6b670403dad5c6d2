"""Resets of lost factors, for staff: what one asked for, another approves."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.models import User
from accounts.services import factor_reset
from authz.admin.staff import StaffAdmin, principal
from config.http.console import holds
from config.http.proof import proof_wanted
from mfa.models import ResetRequest
from mfa.models.reset_request import ResetStatus

SCOPE = "factors:reset"
STATUS_COLOURS = {
    ResetStatus.OPEN: "warning",
    ResetStatus.APPROVED: "success",
    ResetStatus.CANCELLED: "danger",
    ResetStatus.EXPIRED: "info",
}


def staff(request: HttpRequest) -> dict[str, Any]:
    """Who is at the console, as `accounts.services.factor_reset` asks for it."""
    return {"by": cast("User", request.user), "scopes": principal(request).scopes}


@admin.register(ResetRequest)
class ResetRequestAdmin(StaffAdmin):
    when_empty = _(
        "Begin on the page of a person who has lost their factors; another of the staff approves here."
    )
    view_scope = "users:read"
    list_display = ("user", "shown_status", "reason", "requested_by", "decided_by", "expires_at")
    list_select_related = ("user", "requested_by", "decided_by")
    list_filter = ("status",)
    search_fields = ("user__email",)
    ordering = ("-id",)
    actions = ("approve", "cancel")
    fields = (
        "public_id",
        "user",
        "reason",
        "status",
        "requested_by",
        "decided_by",
        "created_at",
        "expires_at",
        "decided_at",
    )
    readonly_fields = fields

    @display(description=_("status"), label=STATUS_COLOURS)
    def shown_status(self, asked: ResetRequest) -> tuple[str, str]:
        return asked.status, asked.get_status_display()

    def has_factors_reset_permission(self, request: HttpRequest) -> bool:
        return holds(request, SCOPE)

    @admin.action(description=_("Approve: take the factors away"), permissions=["factors_reset"])
    def approve(self, request: HttpRequest, chosen: QuerySet[ResetRequest]) -> HttpResponse | None:
        return self._decide(request, chosen, factor_reset.approve)

    @admin.action(description=_("Cancel"), permissions=["factors_reset"])
    def cancel(self, request: HttpRequest, chosen: QuerySet[ResetRequest]) -> HttpResponse | None:
        return self._decide(request, chosen, factor_reset.cancel)

    def _decide(
        self,
        request: HttpRequest,
        chosen: QuerySet[ResetRequest],
        service: Callable[..., object],
    ) -> HttpResponse | None:
        if proof := proof_wanted(request):
            return proof
        who = staff(request)
        for asked in chosen.select_related("user"):
            self.carry_out(request, asked, lambda one: service(user=one.user, **who))
        return None
