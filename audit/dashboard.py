"""What the dashboard tells of the trail: how signing in went."""

from django.utils.translation import gettext_lazy as _

from audit.models import AuthEvent
from audit.types import AuditType
from config.dashboard.cards import Card, Drawn, Figure, Series, register
from config.dashboard.counting import counted, shown, total
from config.dashboard.span import Span

OUTCOMES = (
    (AuditType.SIGN_IN_SUCCEEDED, _("signed in"), "good"),
    (AuditType.SIGN_IN_FAILED, _("refused"), "bad"),
    (AuditType.SIGN_IN_DELAYED, _("slowed down"), "warn"),
    (AuditType.SIGN_IN_BLOCKED, _("stopped as too risky"), "info"),
)


def sign_ins(span: Span) -> Drawn:
    rows = AuthEvent.objects.of_types([kind for kind, _, _ in OUTCOMES])
    counts = counted(rows, at="occurred_at", span=span, by="event_type")
    narrowed = span.query("occurred_at")
    return Drawn(
        figures=tuple(
            Figure(
                text=text,
                value=shown(total(counts.get(kind.value, {}))),
                query={"type": kind.value} | narrowed,
                tone=tone,
            )
            for kind, text, tone in OUTCOMES
        ),
        chart=tuple(
            Series(text=text, values=span.filled(counts.get(kind.value, {})), tone=tone)
            for kind, text, tone in OUTCOMES
        ),
    )


register(Card(title=_("Sign-ins"), model="audit.AuthEvent", draw=sign_ins, order=10, wide=True))
