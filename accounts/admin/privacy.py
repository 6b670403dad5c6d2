"""What people asked about their data, with the day until which it is to be met, and legal holds."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from audit.privacy.models import LegalHold, PrivacyRequest, RequestState
from audit.privacy.services import holds
from authz.admin.staff import StaffAdmin, principal
from config.http.console import holds as holds_scope
from config.http.console_people import NamesPeople

STATE_COLOURS = {
    RequestState.OPEN: "warning",
    RequestState.RUNNING: "info",
    RequestState.DONE: "success",
    RequestState.FAILED: "danger",
    RequestState.WITHDRAWN: "info",
}


@admin.register(PrivacyRequest)
class PrivacyRequestAdmin(NamesPeople, StaffAdmin):
    named = ("requested_by",)
    when_empty = _(
        "Whoever asks for a copy of their data, or to be erased, is listed here with a day to meet it by."
    )
    view_scope = "privacy:read"
    list_display = ("subject", "kind", "shown_state", "due_at", "late", "held", "asked_by")
    list_select_related = ("subject",)
    list_filter = ("state", "kind", ("due_at", admin.DateFieldListFilter))
    search_fields = ("subject__email",)
    ordering = ("-id",)
    fields = (
        "public_id",
        "subject",
        "kind",
        "state",
        "asked_by",
        "reason",
        "created_at",
        "due_at",
        "not_before",
        "finished_at",
        "result",
        "job_id",
        "archive_expires_at",
    )
    readonly_fields = fields

    @display(description=_("state"), label=STATE_COLOURS)
    def shown_state(self, asked: PrivacyRequest) -> tuple[str, str]:
        return asked.state, asked.get_state_display()

    @display(description=_("late"), label={"late": "danger"})
    def late(self, asked: PrivacyRequest) -> tuple[str, Any] | None:
        return ("late", _("late")) if asked.is_overdue else None

    @display(description=_("held"), label={"held": "warning"})
    def held(self, asked: Any) -> tuple[str, Any] | None:
        return ("held", _("held")) if asked.is_held else None

    @display(description=_("asked for by"))
    def asked_by(self, asked: PrivacyRequest) -> str:
        return self.called(asked, "requested_by")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PrivacyRequest]:
        rows: QuerySet[PrivacyRequest] = super().get_queryset(request)
        holding = LegalHold.objects.in_force().filter(subject=OuterRef("subject"))
        return rows.annotate(is_held=Exists(holding))


@admin.register(LegalHold)
class LegalHoldAdmin(NamesPeople, StaffAdmin):
    named = ("placed_by", "lifted_by")
    when_empty = _("A hold keeps somebody from being erased. It is placed on the page of a person.")
    view_scope = "privacy:read"
    list_display = ("subject", "reason", "placed", "created_at", "lifted_at", "lifted")
    list_select_related = ("subject",)
    list_filter = (("lifted_at", admin.EmptyFieldListFilter),)
    search_fields = ("subject__email",)
    ordering = ("-id",)
    actions = ("lift",)
    fields = (
        "public_id",
        "subject",
        "reason",
        "placed",
        "created_at",
        "lifted_at",
        "lifted",
        "lift_reason",
    )
    readonly_fields = fields

    @display(description=_("placed by"))
    def placed(self, hold: LegalHold) -> str:
        return self.called(hold, "placed_by")

    @display(description=_("lifted by"))
    def lifted(self, hold: LegalHold) -> str:
        return self.called(hold, "lifted_by")

    def has_privacy_write_permission(self, request: HttpRequest) -> bool:
        return holds_scope(request, "privacy:write")

    @admin.action(description=_("Lift"), permissions=["privacy_write"])
    def lift(self, request: HttpRequest, chosen: QuerySet[LegalHold]) -> HttpResponse | None:
        by = principal(request).subject
        return self.with_reason(
            request,
            chosen.select_related("subject"),
            action="lift",
            title=str(_("Lift")),
            service=lambda hold, reason: holds.lift(subject=hold.subject, by=by, reason=reason),
        )
