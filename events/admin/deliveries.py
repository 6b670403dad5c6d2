"""Deliveries as staff see them: each try, and sending again."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from config.http.console import ConsoleAdmin, holds
from config.http.problems import ProblemError
from events.models import Webhook, WebhookAttempt, WebhookDelivery
from events.services.webhooks import replays


class AttemptInline(TabularInline):  # type: ignore[misc]
    model = WebhookAttempt
    fields = ("number", "created_at", "status", "error", "duration_ms", "excerpt")
    readonly_fields = fields
    ordering = ("-id",)
    extra = 0
    can_delete = False

    def has_add_permission(self, *_: Any) -> bool:
        return False

    def has_change_permission(self, *_: Any) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return holds(request, "webhooks:read")


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ConsoleAdmin):
    when_empty = _("What webhooks are told is listed here, once there is one.")
    view_scope = "webhooks:read"
    inlines = (AttemptInline,)
    list_display = (
        "public_id",
        "webhook",
        "event_type",
        "state",
        "attempts",
        "status",
        "error",
        "created_at",
    )
    list_filter = ("state", "error")
    list_select_related = ("webhook", "event")
    search_fields = ("webhook__owner__exact",)
    search_help_text = _(
        "The whole id of a delivery (dlv_…) or of a webhook (whk_…), or a client id"
    )
    ordering = ("-id",)
    actions = ("replay",)
    fields = (
        "public_id",
        "webhook",
        "event",
        "event_type",
        "state",
        "attempts",
        "status",
        "error",
        "next_attempt_at",
        "give_up_at",
        "finished_at",
        "created_at",
    )
    readonly_fields = fields

    def has_webhooks_write_permission(self, request: HttpRequest) -> bool:
        return holds(request, "webhooks:write")

    @admin.display(description=_("type"))
    def event_type(self, delivery: WebhookDelivery) -> str:
        return delivery.event.event_type

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if key := WebhookDelivery.parse_id(search_term):
            return queryset.filter(pk=key), False
        if key := Webhook.parse_id(search_term):
            return queryset.filter(webhook=key), False
        found: tuple[QuerySet[Any], bool] = super().get_search_results(
            request, queryset, search_term
        )
        return found

    @admin.action(description=_("Deliver again"), permissions=["webhooks_write"])
    def replay(self, request: HttpRequest, deliveries: QuerySet[WebhookDelivery]) -> None:
        for delivery in deliveries:
            try:
                replays.replay_one(webhook_id=delivery.webhook_id, delivery_id=delivery.pk)
            except ProblemError as problem:
                messages.error(request, f"{delivery}: {problem.detail or problem.title}")
            else:
                messages.success(request, _("%(row)s: on its way.") % {"row": delivery})
