"""How far long work of a command is, for whoever looks on."""

import time
from typing import Any

EVERY = 1.0  # seconds between two lines


class ProgressLine:
    """Writes `12,000 of 50,000 rows` to the standard error of a command, once a second and at the end; on a terminal
    each time in place of the last.
    """

    def __init__(self, stderr: Any, what: str) -> None:
        self._stderr, self._what = stderr, what
        self._in_place = stderr.isatty()
        self._told_at = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        """`total` may grow, and grows at least to `done`; while it is 0 there is nothing to tell."""
        now, is_over = time.monotonic(), done >= total
        if total == 0 or (not is_over and now - self._told_at < EVERY):
            return
        self._told_at = now
        ending = "\r" if self._in_place and not is_over else "\n"
        self._stderr.write(f"{done:,} of {max(done, total):,} {self._what}", ending=ending)
