"""What the audit floor measures."""

from collections.abc import Iterator

from prometheus_client.metrics_core import Metric

from audit.services import partitions
from config.telemetry.metrics import counter, fact

EVENTS = counter("audit_events_total", "Rows written to the trail", ["class"])


def trail_facts() -> Iterator[Metric]:
    """Whether the months ahead are ready, and whether rows have lost their way."""
    yield fact(
        "audit_partitions_ahead",
        "Months after this one whose partition exists",
        (),
        [((), partitions.months_ahead())],
    )
    yield fact(
        "audit_default_partition_rows",
        "Rows of the trail outside every month's partition",
        (),
        [((), partitions.stray_rows())],
    )
