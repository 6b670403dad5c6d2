"""What a process remembers, each thing under the stamp that it was loaded at."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class StampedMemory(Generic[Value]):
    """A bounded memory that answers only for the stamp asked for; the least recently used goes first.

    Safe for threads.
    """

    def __init__(self, size: Callable[[], int]) -> None:
        self._size = size
        self._entries: OrderedDict[str, tuple[str, Value]] = OrderedDict()
        self._lock = threading.Lock()

    def recall(self, name: str, stamp: str) -> Value | None:
        """What was remembered of `name` under exactly this stamp."""
        with self._lock:
            entry = self._entries.get(name)
            if entry is None or entry[0] != stamp:
                return None
            self._entries.move_to_end(name)
            return entry[1]

    def remember(self, name: str, stamp: str, value: Value) -> None:
        """`value` was loaded after `stamp` was read: it may be newer than the stamp, never older."""
        with self._lock:
            self._entries[name] = (stamp, value)
            self._entries.move_to_end(name)
            while len(self._entries) > self._size():
                self._entries.popitem(last=False)
