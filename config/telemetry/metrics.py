"""Declaring metrics: one namespace, names that carry their unit, and labels that name no one.

An app declares each metric once, in its `metrics.py`, with the three helpers below. A gauge that is a fact of
the database is not set by workers, who would all tell it: it is computed when somebody asks, by a function that
the app hands to `config.telemetry.facts.register_facts`.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.metrics_core import GaugeMetricFamily

from config.telemetry.facts import FactSource, register_facts

__all__ = ["FactSource", "counter", "fact", "gauge", "histogram", "register_facts"]

NAMESPACE = "gatehouse"
NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
HISTOGRAM_UNITS = ("_seconds", "_bytes", "_size")

# A label with one of these names would hold as many values as there are people, sessions or requests.
UNBOUNDED = re.compile(
    r"account|address|detail|email|error|id|.*_id|ip|message|name|path|phone|session|text|token|url|user"
)

# How the values that many processes hold of one gauge become one number. `livesum` forgets the processes that
# are gone.
GaugeMode = Literal["livesum", "livemax", "livemin", "livemostrecent"]


def counter(name: str, documentation: str, labels: Sequence[str] = ()) -> Counter:
    """`gatehouse_<name>`; the name ends in `_total`. Raises ValueError for a name or label that breaks the rules."""
    _check(name, labels)
    if not name.endswith("_total"):
        raise ValueError(f"the counter {name} does not end in _total")
    return Counter(name, documentation, labels, namespace=NAMESPACE)


def gauge(
    name: str, documentation: str, labels: Sequence[str] = (), *, mode: GaugeMode = "livesum"
) -> Gauge:
    """`gatehouse_<name>`, for what a process itself knows, such as how many of its threads wait.

    Raises ValueError for a name or label that breaks the rules.
    """
    _check(name, labels)
    if name.endswith("_total"):
        raise ValueError(f"the gauge {name} has the ending of counters")
    return Gauge(name, documentation, labels, namespace=NAMESPACE, multiprocess_mode=mode)


def histogram(
    name: str,
    documentation: str,
    labels: Sequence[str] = (),
    *,
    buckets: Sequence[float] = Histogram.DEFAULT_BUCKETS,
) -> Histogram:
    """`gatehouse_<name>`; the name ends in its base unit (`_seconds`, `_bytes`) or in `_size` for a count of things.

    Raises ValueError for a name or label that breaks the rules.
    """
    _check(name, labels)
    if not name.endswith(HISTOGRAM_UNITS):
        raise ValueError(f"the histogram {name} does not end in a base unit")
    return Histogram(name, documentation, labels, namespace=NAMESPACE, buckets=buckets)


def fact(
    name: str,
    documentation: str,
    labels: Sequence[str],
    values: Iterable[tuple[Sequence[str], float]],
) -> GaugeMetricFamily:
    """A gauge read from the database just now: pairs of label values and number. For functions given to
    `register_facts`.

    Raises ValueError for a name or label that breaks the rules.
    """
    _check(name, labels)
    family = GaugeMetricFamily(f"{NAMESPACE}_{name}", documentation, labels=labels)
    for label_values, value in values:
        family.add_metric(label_values, value)
    return family


def _check(name: str, labels: Sequence[str]) -> None:
    if not NAME.fullmatch(name) or name.startswith(NAMESPACE):
        raise ValueError(f"{name!r} is not a metric's name without its namespace, in snake case")
    for label in labels:
        if not NAME.fullmatch(label) or UNBOUNDED.fullmatch(label):
            raise ValueError(f"{label!r} of {name} is not a label with a closed vocabulary")
