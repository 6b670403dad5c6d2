"""The stamps that this process has read, for as long as the feed says nothing else."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from authz.freshness.feed import Entry, Place
from authz.freshness.ledger import Stamps

NOWHERE = Place("", "")


class _Awaited:
    """Stands in a stamp's place while somebody reads it; what the feed takes away is not put back."""


class Found(NamedTuple):
    """The stamps that are known; the names whose place our `mark` now holds."""

    stamps: Stamps
    awaited: list[str]
    mark: _Awaited


class KnownStamps:
    """Bounded: the least recently used go first. Safe for threads.

    A stamp that is known was read after everything that `place` covers.
    """

    def __init__(self, size: Callable[[], int]) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._stamps: OrderedDict[str, str | _Awaited] = OrderedDict()
        self.place = NOWHERE

    def recall(self, names: Collection[str]) -> Found:
        """Whoever calls reads the awaited ones after this, and then says so with `fill`."""
        found = Found({}, [], _Awaited())
        known = self._stamps
        with self._lock:
            for name in names:
                stamp = known.get(name)
                if isinstance(stamp, str):
                    found.stamps[name] = stamp
                    known.move_to_end(name)
                else:
                    found.awaited.append(name)
                    known[name] = found.mark
            while len(known) > self._size():
                known.popitem(last=False)
        return found

    def fill(self, stamps: Stamps, mark: _Awaited) -> None:
        """Know each stamp whose place `mark` still holds."""
        with self._lock:
            for name, stamp in stamps.items():
                if self._stamps.get(name) is mark:
                    self._stamps[name] = stamp

    def follow(self, entries: Sequence[Entry]) -> None:
        """Forget what these say has changed, and be where the last one is."""
        with self._lock:
            for entry in entries:
                for name in entry.names:
                    self._stamps.pop(name, None)
            if entries:
                self.place = Place(self.place.feed, entries[-1].position)

    def start(self, place: Place = NOWHERE) -> None:
        """Know nothing, and follow the feed from there on."""
        with self._lock:
            self._stamps.clear()
            self.place = place
