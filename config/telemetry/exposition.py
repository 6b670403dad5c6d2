"""What `/metrics` answers: the numbers of all processes of this machine, and the facts of the database."""

import os
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import REGISTRY
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from config.telemetry.facts import FactsCollector
from config.telemetry.metrics_directory import VARIABLE, forget_dead_gauges


def exposition() -> bytes:
    """Everything that there is to tell, in the Prometheus text format 0.0.4."""
    return generate_latest(_Everything())


def exposition_of_processes() -> bytes:
    """The same without the facts of the database, of which one who tells them is enough."""
    return generate_latest(_Processes())


class _Processes(Collector):
    def collect(self) -> Iterator[Metric]:
        directory = os.environ.get(VARIABLE)
        if directory:
            forget_dead_gauges(Path(directory))
            yield from MultiProcessCollector(None, path=directory).collect()  # type: ignore[no-untyped-call]
        else:
            yield from REGISTRY.collect()


class _Everything(Collector):
    def collect(self) -> Iterator[Metric]:
        yield from _Processes().collect()
        yield from FactsCollector().collect()
