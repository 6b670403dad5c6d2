"""Request limits: a token bucket for each API key."""

from datetime import datetime

from trading.simulator.clock import Clock


class RateBuckets:
    """`per_second` requests a second for each key, and as many at once; None lets everything pass.

    Time is the simulator's clock, so a stopped clock fills no bucket.
    """

    def __init__(self, clock: Clock, per_second: float | None) -> None:
        self._clock = clock
        self.per_second = per_second
        self._levels: dict[str, tuple[float, datetime]] = {}

    def admits(self, api_key: str) -> bool:
        """Whether `api_key` may ask now; counts the request if so."""
        if self.per_second is None:
            return True
        now = self._clock.now()
        level, since = self._levels.get(api_key, (self.per_second, now))
        gained = max((now - since).total_seconds(), 0) * self.per_second
        level = min(level + gained, self.per_second)
        admitted = level >= 1
        self._levels[api_key] = (level - 1 if admitted else level, now)
        return admitted

    def set(self, per_second: float | None) -> None:
        """Change the limit; every bucket starts full again."""
        self.per_second = per_second
        self._levels.clear()
