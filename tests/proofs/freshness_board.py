"""What the processes of the freshness proof tell one another: whole numbers in a file that all of them map.

Each subject has a phase that only its writer moves, one step at a time; each watcher notes the latest phase in which it
saw the subject allowed. Eight aligned bytes are written at once, so no reader sees half a number.
"""

import mmap
from enum import IntEnum
from pathlib import Path
from typing import Self


class Phase(IntEnum):
    """Where a subject's grant stands; what must be answered in the two that are not between."""

    REVOKED = 0  # the revocation has returned
    BEING_GRANTED = 1
    GRANTED = 2  # the grant has returned
    BEING_REVOKED = 3


class Board:
    """The numbers. `step` counts a subject's phases from 0, so that no phase is taken for a later one like it."""

    def __init__(self, path: Path, *, subjects: int, watchers: int) -> None:
        self.subjects, self.watchers = subjects, watchers
        with path.open("r+b") as file:
            self._cells = memoryview(mmap.mmap(file.fileno(), 0)).cast("q")

    @classmethod
    def make(cls, path: Path, *, subjects: int, watchers: int) -> Self:
        path.write_bytes(bytes(8 * (1 + subjects * (1 + watchers))))
        return cls(path, subjects=subjects, watchers=watchers)

    @property
    def over(self) -> bool:
        return bool(self._cells[0])

    def finish(self) -> None:
        self._cells[0] = 1

    def step(self, subject: int) -> int:
        return self._cells[1 + subject]

    def advance(self, subject: int) -> Phase:
        """The phase that begins with this."""
        self._cells[1 + subject] += 1
        return phase_of(self.step(subject))

    def note_allowed(self, subject: int, watcher: int, step: int) -> None:
        self._cells[self._seen(subject, watcher)] = step

    def seen_by_all(self, subject: int, step: int) -> bool:
        """Whether every watcher has seen the subject allowed in this very phase."""
        return all(
            self._cells[self._seen(subject, watcher)] == step for watcher in range(self.watchers)
        )

    def _seen(self, subject: int, watcher: int) -> int:
        return 1 + self.subjects + subject * self.watchers + watcher


def phase_of(step: int) -> Phase:
    return Phase(step % len(Phase))
