"""What jobs count. `kind` is one of those that the code names."""

from collections.abc import Iterator

from django.db.models import Count
from prometheus_client.metrics_core import Metric

from config.jobs.models import Job
from config.telemetry.metrics import counter, fact, histogram

JOB_DURATION = histogram(
    "job_duration_seconds",
    "Time from a job's first start to its end",
    ["kind", "state"],
    buckets=(0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14_400),
)

TASKS_UNSENT = counter(
    "tasks_unsent_total", "Tasks after a change, mails above all, that no broker would take"
)


def job_facts() -> Iterator[Metric]:
    """How many jobs of each kind are in which state."""
    counts = Job.objects.order_by().values_list("kind", "state").annotate(Count("pk"))
    yield fact(
        "jobs",
        "Jobs by kind and state",
        ["kind", "state"],
        [((kind, state), number) for kind, state, number in counts],
    )
