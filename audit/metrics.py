"""What the audit floor measures."""

from collections.abc import Iterator

from django.utils import timezone
from prometheus_client.metrics_core import Metric

from audit.chain.checkpoint_models import AuditCheckpoint
from audit.chain.models import UnchainedEvent
from audit.services import chunks, partitions
from config.telemetry.metrics import counter, fact

EVENTS = counter("audit_events_total", "Rows written to the trail", ["class"])
VERIFICATION_FAILURES = counter(
    "audit_verification_failures_total", "What verifications of the trail found", ["kind"]
)


def trail_facts() -> Iterator[Metric]:
    """Whether the months ahead are ready, and whether rows have lost their way."""
    if not chunks.in_use():
        yield from _partition_facts()
    yield fact(
        "audit_unchained_rows",
        "Rows of the trail that have no place in a chain yet",
        (),
        [((), UnchainedEvent.objects.count())],
    )
    last = AuditCheckpoint.objects.first()
    if last is not None:
        yield fact(
            "audit_checkpoint_age_seconds",
            "Time since the chains of the trail were last signed",
            (),
            [((), (timezone.now() - last.created_at).total_seconds())],
        )


def _partition_facts() -> Iterator[Metric]:
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
