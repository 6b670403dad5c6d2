"""Every series that the service can tell, for what names them: alerts and dashboards."""

from prometheus_client import REGISTRY
from prometheus_client.metrics_core import Metric

from accounts.services import signing_keys
from audit.services.checkpoints import sign_next
from authz import metrics as authz_metrics
from config.replicas.facts import replica_facts
from config.telemetry.facts import FactsCollector
from trading.tests.factories import active_account

SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}


def something_to_tell() -> None:
    """Facts about things are told when there are any."""
    active_account()
    signing_keys.ensure_first()
    sign_next()
    assert authz_metrics.DECISIONS


def declared_labels() -> dict[str, set[str] | None]:
    """Every series with its labels; None where there is no sample to know them by."""
    told: list[Metric] = [*REGISTRY.collect(), *FactsCollector().collect(), *replica_facts()]
    series: dict[str, set[str] | None] = {}
    for family in told:
        for suffix in SUFFIXES.get(family.type, ("",)):
            samples = [sample for sample in family.samples if sample.name == family.name + suffix]
            known = set().union(*(sample.labels for sample in samples)) if samples else None
            series[family.name + suffix] = known
    collectors = REGISTRY._collector_to_names
    for collector, names in collectors.items():
        for name in names:
            if series.get(name, ()) is None:
                series[name] = set(getattr(collector, "_labelnames", ()))
    return series
