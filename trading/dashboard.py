"""What the dashboard tells of accounts at brokers and their syncs."""

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from config.dashboard.cards import Card, Drawn, Figure, Series, register
from config.dashboard.counting import counted, per_cent, shown, total
from config.dashboard.span import Span
from trading.models import AccountStatus, SyncOutcome, SyncRun, TradingAccount

TONES = {
    AccountStatus.ACTIVE: "good",
    AccountStatus.DEGRADED: "warn",
    AccountStatus.REAUTH_REQUIRED: "warn",
    AccountStatus.INVALID: "bad",
    AccountStatus.SUSPENDED: "bad",
}
NOT_A_FAILURE = (SyncOutcome.SUCCEEDED, SyncOutcome.SKIPPED)


def accounts(span: Span) -> Drawn:
    """As they are now, whatever the span."""
    rows = TradingAccount.objects.order_by().values_list("status").annotate(number=Count("*"))
    numbers = dict(rows)
    return Drawn(
        figures=tuple(
            Figure(
                text=status.label,
                value=shown(numbers.get(status.value, 0)),
                query={"status__exact": status.value},
                tone=TONES.get(status, ""),
            )
            for status in AccountStatus
        )
    )


def syncs(span: Span) -> Drawn:
    ended = SyncRun.objects.exclude(outcome="")
    counts = counted(ended, at="created_at", span=span, by="outcome")
    well = [span.filled(counts.get(outcome.value, {})) for outcome in NOT_A_FAILURE]
    failing = [name for name in counts if name not in {each.value for each in NOT_A_FAILURE}]
    good = [sum(numbers) for numbers in zip(*well, strict=True)]
    bad = [
        sum(numbers)
        for numbers in zip(
            [0] * len(span.buckets), *(span.filled(counts[name]) for name in failing), strict=True
        )
    ]
    narrowed = span.query("created_at")
    worst = max(failing, key=lambda name: total(counts[name]), default="")
    return Drawn(
        figures=(
            Figure(
                text=_("went well"), value=per_cent(sum(good), sum(good) + sum(bad)), query=narrowed
            ),
            Figure(
                text=SyncOutcome(worst).label if worst else _("failures"),
                value=shown(total(counts[worst])) if worst else "0",
                query={"outcome__exact": worst or SyncOutcome.FAILED.value} | narrowed,
                tone="bad" if worst else "",
            ),
        ),
        chart=(
            Series(text=_("went well"), values=good, tone="good"),
            Series(text=_("failed"), values=bad, tone="bad"),
        ),
    )


register(
    Card(
        title=_("Broker accounts"),
        model="trading.TradingAccount",
        draw=accounts,
        order=70,
        wide=True,
    ),
    Card(title=_("Syncs"), model="trading.SyncRun", draw=syncs, order=60),
)
