"""What is left to chance, and is the same for the same seed: choices, moments, keys."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

Choice = TypeVar("Choice")

VERSION_7, VARIANT = 7 << 76, 2 << 62  # RFC 9562, section 5.7


class Chance:
    """Drawn from `seed`; `until` is the moment at which the made-up past ends."""

    def __init__(self, seed: int, until: datetime) -> None:
        self.until = until
        self._random = random.Random(seed)

    def uuid(self, moment: datetime) -> UUID:
        """A UUIDv7 as one made at `moment` would be, so that rows sort by when they happened."""
        milliseconds = int(moment.timestamp() * 1000)
        high, low = self._random.getrandbits(12), self._random.getrandbits(62)
        return UUID(int=milliseconds << 80 | VERSION_7 | high << 64 | VARIANT | low)

    def happens(self, probability: float) -> bool:
        return self._random.random() < probability

    def one_of(self, choices: Sequence[Choice]) -> Choice:
        return self._random.choice(choices)

    def some_of(self, choices: Sequence[Choice], count: int) -> list[Choice]:
        return self._random.sample(choices, count)

    def weighted(self, choices: Sequence[Choice], weights: Sequence[float]) -> Choice:
        return self._random.choices(choices, weights)[0]

    def number(self, lowest: int, highest: int) -> int:
        """Both included."""
        return self._random.randint(lowest, highest)

    def share(self, lowest: float, highest: float) -> float:
        return self._random.uniform(lowest, highest)

    def word(self, length: int = 32) -> str:
        """Hexadecimal digits."""
        return f"{self._random.getrandbits(4 * length):0{length}x}"

    def secret_bytes(self, length: int) -> bytes:
        """For things that open nothing but what was made up."""
        return self._random.randbytes(length)

    def ago(self, *, days: float = 0, hours: float = 0) -> datetime:
        return self.until - timedelta(days=days, hours=hours)

    def between(self, begin: datetime, end: datetime) -> datetime:
        return begin + (end - begin) * self._random.random()
