"""Webhooks as staff see them: whose they are, how they do, and what may be done about it."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from config.http.console import ConsoleAdmin, holds
from config.http.problems import ProblemError
from events.models import Webhook
from events.services.webhooks import endpoints


@admin.register(Webhook)
class WebhookAdmin(ConsoleAdmin):
    """They are made by API, whose answer has the secret; no page ever shows one."""

    view_scope = "webhooks:read"
    list_display = ("public_id", "shown_owner", "url", "state", "failures", "created_at")
    list_filter = ("disabled_reason",)
    search_fields = ("owner", "url")
    ordering = ("-id",)
    actions = ("send_test", "disable", "enable")
    fields = (
        "public_id",
        "owner",
        "url",
        "description",
        "event_types",
        "disabled_reason",
        "disabled_at",
        "failures",
        "failing_since",
        "paused_until",
        "previous_secret_until",
        "created_at",
    )
    readonly_fields = fields

    def has_webhooks_write_permission(self, request: HttpRequest) -> bool:
        return holds(request, "webhooks:write")

    @admin.display(description=_("client"))
    def shown_owner(self, webhook: Webhook) -> str:
        return webhook.owner or str(_("the platform"))

    @admin.display(description=_("state"))
    def state(self, webhook: Webhook) -> str:
        return str(
            webhook.get_disabled_reason_display() if webhook.disabled_reason else _("enabled")
        )

    @admin.action(description=_("Send a test"), permissions=["webhooks_write"])
    def send_test(self, request: HttpRequest, webhooks: QuerySet[Webhook]) -> None:
        self._each(request, webhooks, lambda one: endpoints.ping(webhook_id=one.pk))

    @admin.action(description=_("Disable"), permissions=["webhooks_write"])
    def disable(self, request: HttpRequest, webhooks: QuerySet[Webhook]) -> None:
        self._each(
            request, webhooks, lambda one: endpoints.update(webhook_id=one.pk, enabled=False)
        )

    @admin.action(description=_("Enable"), permissions=["webhooks_write"])
    def enable(self, request: HttpRequest, webhooks: QuerySet[Webhook]) -> None:
        self._each(request, webhooks, lambda one: endpoints.update(webhook_id=one.pk, enabled=True))

    def _each(self, request: HttpRequest, webhooks: QuerySet[Webhook], service: Any) -> None:
        for webhook in webhooks:
            try:
                service(webhook)
            except ProblemError as problem:
                messages.error(request, f"{webhook}: {problem.detail or problem.title}")
            else:
                messages.success(request, _("%(row)s: done.") % {"row": webhook})
