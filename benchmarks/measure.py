"""How a thing is timed, and how two are compared."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 5


@dataclass(frozen=True)
class Comparison:
    """Seconds of one call, ours and the floor's, and the ratio that we aim at."""

    name: str
    ours: float
    floor: float
    floor_name: str
    goal: str

    @property
    def ratio(self) -> float:
        return self.ours / self.floor


def seconds(call: Callable[[], object], *, times: int) -> float:
    """The median over some rounds of what one call takes."""
    call()
    rounds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(times):
            call()
        rounds.append((time.perf_counter() - start) / times)
    return statistics.median(rounds)
