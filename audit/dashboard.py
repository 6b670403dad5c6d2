"""What the dashboard tells of the trail: how signing in went."""

from collections import defaultdict
from datetime import UTC, datetime, time, timedelta

from django.utils.translation import gettext_lazy as _

from audit.chain.daily_models import DailyCount
from audit.models import AuthEvent
from audit.types import AuditType
from config.dashboard.cards import Card, Drawn, Figure, Series, register
from config.dashboard.counting import Counts, counted, shown, total
from config.dashboard.span import DAY, Span

OUTCOMES = (
    (AuditType.SIGN_IN_SUCCEEDED, _("signed in"), "good"),
    (AuditType.SIGN_IN_FAILED, _("refused"), "bad"),
    (AuditType.SIGN_IN_DELAYED, _("slowed down"), "warn"),
    (AuditType.SIGN_IN_BLOCKED, _("stopped as too risky"), "info"),
)


def sign_ins(span: Span) -> Drawn:
    counts = _counts(span)
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


def _counts(span: Span) -> Counts:
    """By hours from the trail itself, by days from what was counted of them."""
    kinds = [kind for kind, _, _ in OUTCOMES]
    if span.step != DAY:
        rows = AuthEvent.objects.of_types(kinds)
        return counted(rows, at="occurred_at", span=span, by="event_type")
    counts: defaultdict[str, dict[datetime, int]] = defaultdict(dict)
    last = (span.end - timedelta(microseconds=1)).date()
    of_days = DailyCount.objects.between(span.begin.date(), last).filter(event_type__in=kinds)
    for row in of_days.summed():
        day = datetime.combine(row["day"], time(), UTC)
        of_type = counts[row["event_type"]]
        of_type[day] = of_type.get(day, 0) + row["events"]  # outcomes together
    return counts


register(Card(title=_("Sign-ins"), model="audit.AuthEvent", draw=sign_ins, order=10, wide=True))
