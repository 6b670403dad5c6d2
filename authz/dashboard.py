"""What the dashboard tells of decisions."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from authz.models import DecisionRecord
from config.dashboard.cards import Card, Drawn, Figure, Series, register
from config.dashboard.counting import counted, per_cent, total
from config.dashboard.span import Span


def decisions(span: Span) -> Drawn:
    """All denials are recorded and a share of the allows: what that share stands for is worked out again."""
    counts = counted(DecisionRecord.objects.all(), at="decided_at", span=span, by="allowed")
    share = settings.ENVIRONMENT.decision_record_allows
    denied = span.filled(counts.get(False, {}))
    allowed = [
        round(number / share) if share else 0 for number in span.filled(counts.get(True, {}))
    ]
    asked = sum(denied) + sum(allowed)
    narrowed = span.query("decided_at")
    return Drawn(
        figures=(
            Figure(text=_("a second, about"), value=f"{asked / span.seconds:.2f}", query=narrowed),
            Figure(
                text=_("denied"),
                value=per_cent(sum(denied), asked),
                query={"allowed__exact": "0"} | narrowed,
                tone="bad",
            ),
            Figure(
                text=_("recorded"),
                value=f"{sum(map(total, counts.values())):,}",
                query=narrowed,
            ),
        ),
        chart=(
            Series(text=_("allowed"), values=allowed, tone="good"),
            Series(text=_("denied"), values=denied, tone="bad"),
        ),
    )


register(Card(title=_("Decisions"), model="authz.DecisionRecord", draw=decisions, order=50))
