"""Webhooks as staff see them: whose they are, how they do, and what may be done about it."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from config.http.console import ConsoleAdmin, holds
from config.http.problems import ProblemError
from events.admin.replay_form import ReplayForm
from events.models import DeliveryState, Webhook
from events.services.webhooks import endpoints, replays

DELIVERIES = "admin:events_webhookdelivery_changelist"


@admin.register(Webhook)
class WebhookAdmin(ConsoleAdmin):
    """They are made by API, whose answer has the secret; no page ever shows one."""

    when_empty = _("Clients subscribe through the API: docs/integrators/webhooks.md.")
    view_scope = "webhooks:read"
    list_display = (
        "public_id",
        "shown_owner",
        "url",
        "state",
        "dead_letters",
        "failures",
    )
    list_filter = ("disabled_reason",)
    search_fields = ("owner", "url")
    ordering = ("-id",)
    actions = ("send_test", "rotate_secret", "disable", "enable")
    actions_detail = ("replay_range",)
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
        "dead_letters",
        "paused_until",
        "previous_secret_until",
        "created_at",
    )
    readonly_fields = fields

    def has_webhooks_write_permission(
        self, request: HttpRequest, object_id: str | None = None
    ) -> bool:
        return holds(request, "webhooks:write")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Webhook]:
        rows: Any = super().get_queryset(request)
        counted: QuerySet[Webhook] = rows.with_dead_letters()
        return counted

    @admin.display(description=_("dead letters"))
    def dead_letters(self, webhook: Webhook) -> str:
        if not webhook.dead:
            return "0"
        query = urlencode({"q": webhook.public_id, "state__exact": DeliveryState.DEAD.value})
        return format_html(
            '<a href="{}?{}" class="underline">{}</a>', reverse(DELIVERIES), query, webhook.dead
        )

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

    @admin.action(description=_("New secret"), permissions=["webhooks_write"])
    def rotate_secret(
        self, request: HttpRequest, webhooks: QuerySet[Webhook]
    ) -> HttpResponse | None:
        """Of one, whose new secret is shown this once."""
        try:
            issued = endpoints.rotate_secret(webhook_id=webhooks.get().pk)
        except Webhook.MultipleObjectsReturned:
            messages.error(request, _("Choose one webhook."))
            return None
        except ProblemError as problem:
            messages.error(request, problem.detail or problem.title)
            return None
        page = {
            **self.admin_site.each_context(request),
            "title": _("The secret of %(webhook)s") % {"webhook": issued.webhook},
            "issued": issued,
        }
        answer = render(request, "console/webhook_secret.html", page)
        add_never_cache_headers(answer)
        return answer

    @action(
        description=_("Replay a range"),
        url_path="replay-range",
        permissions=["webhooks_write"],
    )
    def replay_range(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What happened in a range and did not get through, once more."""
        webhook = self.found(request, object_id)
        form = ReplayForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid() and self._replayed(request, webhook, form):
            return HttpResponseRedirect(reverse(DELIVERIES) + f"?q={webhook.public_id}")
        page = {
            **self.admin_site.each_context(request),
            "title": _("Replay a range"),
            "explanation": _(
                "Dead letters of the range, and what was never tried because the webhook was disabled, are delivered "
                "to %(url)s again, under the ids that they had."
            )
            % {"url": webhook.url},
            "form": form,
            "back": reverse("admin:events_webhook_change", args=[webhook.pk]),
        }
        return render(request, "console/form.html", page)

    def _replayed(self, request: HttpRequest, webhook: Webhook, form: ReplayForm) -> bool:
        try:
            number = replays.replay_range(webhook_id=webhook.pk, **form.cleaned_data)
        except ProblemError as problem:
            form.add_error(None, problem.detail or problem.title)
            return False
        messages.success(request, _("%(count)d are on their way.") % {"count": number})
        return True

    def _each(self, request: HttpRequest, webhooks: QuerySet[Webhook], service: Any) -> None:
        for webhook in webhooks:
            try:
                service(webhook)
            except ProblemError as problem:
                messages.error(request, f"{webhook}: {problem.detail or problem.title}")
            else:
                messages.success(request, _("%(row)s: done.") % {"row": webhook})
