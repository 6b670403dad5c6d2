"""What the decision engine measures."""

from collections.abc import Iterator

from prometheus_client.metrics_core import Metric

from authz.models import Policy
from config.telemetry.metrics import counter, fact, histogram

DECISIONS = counter(
    "decisions_total", "Questions decided, those in batches included", ["decision", "source"]
)
DECISION_DURATION = histogram(
    "decision_duration_seconds",
    "Time from a single question to its answer, freshness check and attribute loads included",
    ["source"],
    buckets=(
        *(10e-6, 25e-6, 50e-6, 100e-6, 250e-6, 500e-6),
        *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0),
    ),
)
DECISION_BATCH_SIZE = histogram(
    "decision_batch_size",
    "Questions in one batch",
    ["source"],
    buckets=(1, 2, 5, 10, 25, 50, 100, 250, 500, 1000),
)
POLICY_SET_LOADS = counter(
    "policy_set_loads_total", "Times a process compiled the policies", ["reason"]
)
POLICY_UNKNOWNS = counter(
    "policy_unknowns_total",
    "Policies whose condition came to nothing that can be relied on",
    ["reason"],
)
DECISION_RECORDS = counter(
    "decision_records_total", "Decisions noted for the record, by what became of them", ["outcome"]
)
ATTRIBUTE_LOADS = counter(
    "attribute_loads_total",
    "Entities whose attributes were loaded, by their type",
    ["source"],
)


def policy_facts() -> Iterator[Metric]:
    """How many policies take part in decisions."""
    enabled = sum(document.get("enabled", True) for document in Policy.objects.documents())
    yield fact("policy_set_size", "Policies in force", (), [((), enabled)])
