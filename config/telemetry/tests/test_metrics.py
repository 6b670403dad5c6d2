"""The rules that a metric is held to when it is declared."""

from uuid import uuid4

import pytest
from prometheus_client import REGISTRY

from config.telemetry import metrics
from config.telemetry.label_values import unbounded_labels


def fresh(name: str) -> str:
    return f"t{uuid4().hex[:8]}_{name}"


def test_a_counter_carries_our_namespace_and_counts() -> None:
    name = fresh("things_total")
    metrics.counter(name, "Things", ["outcome"]).labels("good").inc()

    assert REGISTRY.get_sample_value(f"gatehouse_{name}", {"outcome": "good"}) == 1


def test_a_histogram_has_the_buckets_that_it_asked_for() -> None:
    name = fresh("wait_seconds")
    metrics.histogram(name, "Wait", buckets=(1, 2)).observe(1.5)

    assert REGISTRY.get_sample_value(f"gatehouse_{name}_bucket", {"le": "1.0"}) == 0
    assert REGISTRY.get_sample_value(f"gatehouse_{name}_bucket", {"le": "2.0"}) == 1


def test_a_gauge_tells_what_the_process_says() -> None:
    name = fresh("waiting")
    metrics.gauge(name, "Waiting").set(3)

    assert REGISTRY.get_sample_value(f"gatehouse_{name}") == 3


@pytest.mark.parametrize(
    "label", ["user_id", "session_id", "id", "email", "ip", "path", "url", "token", "error", "Type"]
)
def test_a_label_that_names_someone_is_refused(label: str) -> None:
    with pytest.raises(ValueError, match="closed vocabulary"):
        metrics.counter("things_total", "Things", [label])


@pytest.mark.parametrize(
    "name", ["Things_total", "gatehouse_things_total", "things__total", "1_total"]
)
def test_a_name_that_is_not_ours_to_give_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a metric's name"):
        metrics.counter(name, "Things")


def test_names_say_what_kind_and_unit_they_are() -> None:
    with pytest.raises(ValueError, match="does not end in _total"):
        metrics.counter("things", "Things")
    with pytest.raises(ValueError, match="ending of counters"):
        metrics.gauge("things_total", "Things")
    with pytest.raises(ValueError, match="does not end in a base unit"):
        metrics.histogram("wait_ms", "Wait")


@pytest.mark.parametrize(
    "value",
    [
        "asha@example.com",
        "203.0.113.7",
        "usr_01h455vb4pex5vsknk084sn02q",
        "018f4e2a-7b1c-7d3e-9f00-1a2b3c4d5e6f",
        "a" * 65,
    ],
)
def test_a_label_value_that_names_someone_is_found(value: str) -> None:
    name = fresh("things_total")
    things = metrics.counter(name, "Things", ["outcome"])
    things.labels("success").inc()
    assert not [found for found in unbounded_labels() if name in found]

    things.labels(value).inc()

    assert f'gatehouse_{name}{{outcome="{value}"}}' in set(unbounded_labels())
    REGISTRY.unregister(things)
