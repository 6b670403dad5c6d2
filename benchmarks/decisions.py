"""One decision, in process, over few and over many policies."""

from collections.abc import Iterator
from typing import Any

from authz.models import Policy
from authz.services import decisions, policies
from benchmarks.measure import Comparison, seconds

FEW, MANY = 100, 1_000


def comparisons() -> Iterator[Comparison]:
    """A check among many policies against the same check among few: it should not matter."""
    few = _check_among(FEW)
    many = _check_among(MANY)
    yield Comparison(
        name=f"one decision among {MANY} policies",
        ours=many,
        floor=few,
        floor_name=f"among {FEW}",
        goal="< 1.5",
    )


def _check_among(count: int) -> float:
    for number in range(Policy.objects.count(), count):
        policies.create(document=_document(number), by="benchmark", reason="benchmark")
    return seconds(
        lambda: decisions.check(
            subject="user:usr_01h455vb4pex5vsknk084sn02q", action="report:read", resource="report:7"
        ),
        times=100,
    )


def _document(number: int) -> dict[str, Any]:
    return {
        "name": f"benchmark-{number}",
        "effect": "allow",
        "subjects": ["user:*"],
        "actions": [f"report{number}:read"],
        "resources": [f"report{number}:*"],
        "condition": {"attr": "context.ip", "in_network": ["203.0.113.0/24"]},
    }
