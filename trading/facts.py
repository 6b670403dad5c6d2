"""Gauges that are facts of our tables, computed when somebody scrapes them."""

from collections.abc import Iterator

from django.db.models import Count, Min
from django.db.models.functions import Coalesce
from django.utils import timezone
from prometheus_client.metrics_core import Metric

from config.telemetry.metrics import fact
from trading.brokers import circuit
from trading.brokers.registry import broker_names
from trading.models import TradingAccount
from trading.models.account import LIVE


def trading_facts() -> Iterator[Metric]:
    """How many accounts are in which state, how long ago the stalest usable one was synced, and which brokers we have
    stopped to ask."""
    counts = TradingAccount.objects.order_by().values_list("broker", "status")
    yield fact(
        "trading_accounts",
        "Accounts by broker and status",
        ["broker", "status"],
        [((broker, status), number) for broker, status, number in counts.annotate(Count("pk"))],
    )
    active = TradingAccount.objects.filter(status__in=LIVE).order_by()
    oldest = active.values_list("broker").annotate(
        oldest=Min(Coalesce("last_synced_at", "linked_at"))
    )
    now = timezone.now()
    yield fact(
        "sync_age_seconds",
        "Time since the sync of the active account that waits the longest",
        ["broker"],
        [((broker,), (now - at).total_seconds()) for broker, at in oldest],
    )
    yield fact(
        "broker_circuit_open",
        "1 while a broker is not asked because it stopped to answer",
        ["broker"],
        [((broker,), float(circuit.is_open(broker))) for broker in broker_names()],
    )
