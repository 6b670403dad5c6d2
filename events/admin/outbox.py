"""The outbox as staff see it: what waits, what went out, and what the last error was."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from config.http.console import ConsoleAdmin, holds
from events.models import OutboxEvent, OutboxQuerySet
from events.services import replay


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("pending", _("waiting")), ("sent", _("sent")), ("set_aside", _("set aside"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: OutboxQuerySet = queryset  # type: ignore[assignment]
        states = {"pending": rows.pending, "sent": rows.sent, "set_aside": rows.set_aside}
        return states.get(self.value() or "", rows.all)()


@admin.register(OutboxEvent)
class OutboxEventAdmin(ConsoleAdmin):
    when_empty = _("Events wait here until a relay has sent them, and are kept for some days.")
    view_scope = "jobs:read"
    list_display = ("public_id", "event_type", "aggregate_id", "created_at", "sent_at", "attempts")
    list_filter = (StateFilter,)
    search_fields = ("aggregate_id__exact",)
    search_help_text = _("The whole id of an event (evt_…) or of what it is about (usr_…, acc_…)")
    ordering = ("-id",)
    actions = ("try_again",)
    fields = (
        "public_id",
        "event_type",
        "channel",
        "aggregate_type",
        "aggregate_id",
        "sequence",
        "data",
        "request_id",
        "traceparent",
        "created_at",
        "sent_at",
        "attempts",
        "set_aside_at",
        "error",
    )
    readonly_fields = fields

    def has_webhooks_write_permission(self, request: HttpRequest) -> bool:
        return holds(request, "webhooks:write")

    @admin.action(description=_("Try again"), permissions=["webhooks_write"])
    def try_again(self, request: HttpRequest, rows: QuerySet[OutboxEvent]) -> None:
        """Those among them that were set aside; the others are in line or went out."""
        chosen = OutboxEvent.objects.filter(pk__in=[row.pk for row in rows])
        number = replay.try_again(events=chosen)
        messages.success(request, _("%(number)d in line again.") % {"number": number})

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if key := OutboxEvent.parse_id(search_term):
            return queryset.filter(id=key), False
        found: tuple[QuerySet[Any], bool] = super().get_search_results(
            request, queryset, search_term
        )
        return found
