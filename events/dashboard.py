"""What the dashboard tells of events on their way out."""

from django.utils.translation import gettext_lazy as _

from config.dashboard.cards import Card, Drawn, Figure, register
from config.dashboard.counting import shown
from config.dashboard.span import Span
from events.models import OutboxEvent, Webhook, WebhookDelivery


def outbox(span: Span) -> Drawn:
    """As it is now, whatever the span."""
    backlog = OutboxEvent.objects.backlog()
    aside = OutboxEvent.objects.set_aside().count()
    pending = {"state": "pending"}
    return Drawn(
        figures=(
            Figure(text=_("waiting"), value=shown(backlog.pending), query=pending),
            Figure(
                text=_("seconds the oldest waits"),
                value=shown(round(backlog.oldest_age)),
                query=pending,
                tone="bad" if backlog.oldest_age > 60 else "",
            ),
            Figure(
                text=_("set aside"),
                value=shown(aside),
                query={"state": "set_aside"},
                tone="bad" if aside else "",
            ),
        )
    )


def webhooks(span: Span) -> Drawn:
    states = Webhook.objects.by_state()
    return Drawn(
        figures=(
            Figure(
                text=_("enabled"),
                value=shown(states["enabled"] + states["paused"]),
                query={"disabled_reason__exact": ""},
            ),
            Figure(
                text=_("left alone for a while"),
                value=shown(states["paused"]),
                query={"disabled_reason__exact": ""},
                tone="warn" if states["paused"] else "",
            ),
            Figure(text=_("disabled"), value=shown(states["disabled"])),
        )
    )


def dead_letters(span: Span) -> Drawn:
    dead = WebhookDelivery.objects.dead().count()
    return Drawn(
        figures=(
            Figure(
                text=_("dead letters"),
                value=shown(dead),
                query={"state__exact": "dead"},
                tone="bad" if dead else "",
            ),
        )
    )


register(
    Card(title=_("Outbox"), model="events.OutboxEvent", draw=outbox, order=80),
    Card(title=_("Webhooks"), model="events.Webhook", draw=webhooks, order=83),
    Card(title=_("Deliveries"), model="events.WebhookDelivery", draw=dead_letters, order=86),
)
