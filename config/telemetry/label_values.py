"""Finds labels that name people or things: each distinct value is a time series that is kept for ever."""

import re
from collections.abc import Iterator

from prometheus_client import REGISTRY

from config.telemetry.metrics import NAMESPACE

LONGEST_VALUE = 64
_NAMES_SOMEONE = re.compile(
    r"@|\d+\.\d+\.\d+\.\d+|[0-9a-f]{8}-[0-9a-f]{4}-|_[0-9a-hjkmnp-tv-z]{26}\b|[0-9a-f]{24,}"
)


def unbounded_labels() -> Iterator[str]:
    """The samples of ours whose labels hold an id, an address or a free text, as `metric{label="value"}`."""
    for family in REGISTRY.collect():
        if not family.name.startswith(NAMESPACE):
            continue
        for sample in family.samples:
            for label, value in sample.labels.items():
                if len(value) > LONGEST_VALUE or _NAMES_SOMEONE.search(value):
                    yield f'{sample.name}{{{label}="{value}"}}'
