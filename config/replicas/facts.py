"""How far replicas are behind, asked when somebody reads the metrics."""

from collections.abc import Iterable

from django.conf import settings
from prometheus_client.metrics_core import Metric

from config.replicas import pool
from config.telemetry.metrics import fact


def replica_facts() -> Iterable[Metric]:
    """One that is away has no lag."""
    known = {alias: pool.replica(alias).standing(age=0) for alias in pool.aliases()}
    limit = settings.ENVIRONMENT.replica_max_lag
    yield fact(
        "replica_lag_seconds",
        "How far a replica is behind the primary, at the most",
        ["replica"],
        [([alias], found.lag) for alias, found in known.items() if found],
    )
    yield fact(
        "replica_usable",
        "Whether a replica is read from: it answers, and lags no more than REPLICA_MAX_LAG",
        ["replica"],
        [([alias], float(bool(found and found.lag <= limit))) for alias, found in known.items()],
    )
