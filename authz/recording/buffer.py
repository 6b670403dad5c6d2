"""A bounded buffer that a thread of its own empties: putting something in never waits."""

import atexit
import os
import threading
from collections import deque
from collections.abc import Callable
from multiprocessing import util as multiprocessing_util
from typing import Generic, TypeVar

Item = TypeVar("Item")

BATCH = 500
LONGEST_GOODBYE = 5.0  # seconds that the end of a process waits for the thread


class Buffer(Generic[Item]):
    """`write` gets up to BATCH items at a time, in the order in which they came, and must not raise.

    `size` is how many may wait, `interval` after how many seconds they are written at the latest. The thread starts
    with the first item, in whichever process that is: a child of `fork` starts empty and with none. At the end of the
    process what waits is written.
    """

    def __init__(
        self,
        write: Callable[[list[Item]], None],
        *,
        size: Callable[[], int],
        interval: Callable[[], float],
    ) -> None:
        self._write, self._size, self._interval = write, size, interval
        self._reset()
        os.register_at_fork(after_in_child=self._reset)

    def _reset(self) -> None:
        self._items: deque[Item] = deque()
        self._starting = threading.Lock()
        self._writing = threading.Lock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._over = False

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: Item) -> bool:
        """False when there is no room. Threads that put at once may go over `size` by their number."""
        if len(self._items) >= self._size():
            return False
        self._items.append(item)
        if self._thread is None:
            self._start()
        if len(self._items) == BATCH:
            self._wake.set()
        return True

    def flush(self) -> None:
        """Write what waits, in this thread."""
        with self._writing:
            while batch := self._take():
                self._write(batch)

    def stop(self) -> None:
        """Write what waits and end the thread; the next item starts another."""
        self._over = True
        self._wake.set()
        thread = self._thread
        if thread is not None:
            thread.join(LONGEST_GOODBYE)
        if thread is None or not thread.is_alive():
            self.flush()
        self._thread, self._over = None, False

    def _start(self) -> None:
        with self._starting:
            if self._thread is not None:
                return
            self._thread = threading.Thread(target=self._run, name="decision-records", daemon=True)
            self._thread.start()
            atexit.register(self.stop)
            # Children of multiprocessing end without `atexit`.
            multiprocessing_util.Finalize(None, self.stop, exitpriority=10)

    def _run(self) -> None:
        while not self._over:
            self._wake.wait(self._interval())
            self._wake.clear()
            if self._items:
                self.flush()

    def _take(self) -> list[Item]:
        batch: list[Item] = []
        while self._items and len(batch) < BATCH:
            batch.append(self._items.popleft())
        return batch
