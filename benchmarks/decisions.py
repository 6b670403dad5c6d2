"""One decision, in process: ours among few and many policies, and against others on the same workload."""

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from authz.models import Policy
from authz.services import decisions, policies
from benchmarks import engines
from benchmarks.engines import Engine
from benchmarks.measure import Comparison, seconds
from benchmarks.workload import Workload, make

FEW, MANY = 100, 1_000
SIZES = (1_000, 10_000)
SLOW = 1e-3  # seconds of one decision from which on fewer are timed
SLOW_COUNT = 50
ROUNDS = 3

PEERS: dict[str, Callable[[Workload], Engine]] = {
    "pycasbin FastEnforcer": engines.pycasbin,
    "cedarpy PolicySet": engines.cedar,
    "regopy bundle": engines.rego,
}


def comparisons() -> Iterator[Comparison]:
    """A check among many policies against one among few, and the engine against its peers."""
    among_few = _check_among(FEW)
    yield Comparison(
        name=f"one check with freshness, among {MANY} policies",
        ours=_check_among(MANY),
        floor=among_few,
        floor_name=f"among {FEW}",
        goal="< 1.5",
    )
    few = _timed(engines.ours(make(FEW)), make(FEW))
    for size in SIZES:
        workload = make(size)
        mine = engines.ours(workload)
        _demand_agreement("ours", mine, workload)
        ours = _timed(mine, workload)
        yield Comparison(
            name=f"the engine, {size} policies",
            ours=ours,
            floor=few,
            floor_name=f"{FEW} policies",
            goal="< 1.5",
            note=f"p99 {_p99(mine, workload) * 1e6:.0f} µs",
        )
        for name, build in PEERS.items():
            peer = build(workload)
            _demand_agreement(name, peer, workload)
            yield Comparison(
                name=f"the engine, {size} policies",
                ours=ours,
                floor=_timed(peer, workload),
                floor_name=name,
                goal="< 1",
            )


def _demand_agreement(name: str, engine: Engine, workload: Workload) -> None:
    """What does not decide the same is not compared."""
    wrong = [asked for asked in _some(engine, workload) if engine(asked) is not asked.expected]
    if wrong:
        raise AssertionError(f"{name} decides otherwise about {wrong[0]}")


def _timed(engine: Engine, workload: Workload) -> float:
    """Seconds of one decision: the median of some rounds over all questions."""
    questions = _some(engine, workload)
    rounds = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        for asked in questions:
            engine(asked)
        rounds.append((time.perf_counter() - begun) / len(questions))
    return statistics.median(rounds)


def _p99(engine: Engine, workload: Workload) -> float:
    taken = []
    for _ in range(ROUNDS):
        for asked in workload.questions:
            begun = time.perf_counter()
            engine(asked)
            taken.append(time.perf_counter() - begun)
    return statistics.quantiles(taken, n=100)[-1]


def _some(engine: Engine, workload: Workload) -> list[Any]:
    """All questions, or some when the engine is slow."""
    begun = time.perf_counter()
    engine(workload.questions[0])
    slow = time.perf_counter() - begun > SLOW
    return workload.questions[:SLOW_COUNT] if slow else workload.questions


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
