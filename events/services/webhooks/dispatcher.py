"""A dispatcher's life: take what is due, send it in threads, settle what comes back."""

import random
import select
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from queue import Empty, SimpleQueue

import structlog
from django.db import connection

from config.telemetry import watched_process
from events.services.lost_session import LOST_SESSION
from events.services.stop import Stop
from events.services.wakeup import Listener
from events.services.webhooks.claiming import Parcel, claim
from events.services.webhooks.fan_out import CHANNEL
from events.services.webhooks.sending import Outcome, send
from events.services.webhooks.settling import settle

log = structlog.get_logger(__name__)

LONGEST_SLEEP = 1.0  # seconds; retries come due without anybody saying so
PAUSE_WITHOUT_DATABASE = 1.0

Returned = tuple[Parcel, Outcome]


class Dispatcher:
    """Any number of these may run, in any number of processes. The threads only speak HTTP; the database has one
    connection, that of `run`. `stop` ends it after what is under way.
    """

    def __init__(self, *, concurrency: int, stop: Stop) -> None:
        self._concurrency = concurrency
        self._stop = stop
        self._under_way = 0
        self._returned: SimpleQueue[Returned] = SimpleQueue()
        self._unsettled: list[Returned] = []

    def run(self) -> int:
        """Deliver until the stop; returns how many tries were made."""
        total = 0
        with (
            closing(connection),
            self._threads() as pool,
            Listener(self._stop, CHANNEL) as listener,
        ):
            while self._under_way or not self._stop.wished:
                watched_process.beat()
                try:
                    total += self._settle()
                    taken = self._take(pool)
                except LOST_SESSION as error:
                    self._lost(error)
                    continue
                if not taken:
                    self._sleep(listener)
        return total

    def drain(self) -> int:
        """Deliver until nothing is due any more; returns how many tries were made."""
        total = 0
        with self._threads() as pool:
            while self._take(pool) or self._under_way:
                self._bell.wait(LONGEST_SLEEP)
                total += self._settle()
        return total

    def _take(self, pool: ThreadPoolExecutor) -> int:
        free = self._concurrency - self._under_way
        if self._stop.wished or free < 1:
            return 0
        parcels = claim(limit=free)
        for parcel in parcels:
            self._under_way += 1
            pool.submit(self._send, parcel)
        return len(parcels)

    def _send(self, parcel: Parcel) -> None:
        """In a thread of the pool."""
        self._returned.put((parcel, send(parcel)))
        self._bell.ring()

    def _settle(self) -> int:
        """One that the database did not take stays, and is settled first when it is back."""
        settled = 0
        self._unsettled += self._come_back()
        while self._unsettled:
            settle(*self._unsettled[0])
            del self._unsettled[0]
            self._under_way -= 1
            settled += 1
        return settled

    def _come_back(self) -> Iterator[Returned]:
        self._bell.quiet()
        while True:
            try:
                yield self._returned.get_nowait()
            except Empty:
                return

    def _sleep(self, listener: Listener) -> None:
        """After the wish to stop only for what is under way: the wish itself would end every other sleep at once."""
        if self._stop.wished:
            self._bell.wait(LONGEST_SLEEP)
        else:
            listener.wait(LONGEST_SLEEP, self._bell)

    def _lost(self, error: Exception) -> None:
        connection.close()  # the next query opens a new one
        log.error("dispatcher_waits", reason=f"{type(error).__name__}: {error}")
        self._bell.quiet()
        self._bell.wait(PAUSE_WITHOUT_DATABASE * random.uniform(0.5, 1))  # noqa: S311 - spreads them

    @contextmanager
    def _threads(self) -> Iterator[ThreadPoolExecutor]:
        with closing(_Bell()) as self._bell, ThreadPoolExecutor(self._concurrency) as pool:
            yield pool


class _Bell:
    """Rung by threads, heard by whoever sleeps on it."""

    def __init__(self) -> None:
        self._heard, self._rung = socket.socketpair()
        self._heard.setblocking(False)
        self._rung.setblocking(False)

    def fileno(self) -> int:
        return self._heard.fileno()

    def ring(self) -> None:
        try:
            self._rung.send(b".")
        except BlockingIOError:
            return  # full of earlier rings: it is heard anyway

    def quiet(self) -> None:
        """Forget the rings so far."""
        try:
            while self._heard.recv(4096):
                pass
        except BlockingIOError:
            return

    def wait(self, timeout: float) -> None:
        select.select([self._heard], [], [], timeout)

    def close(self) -> None:
        self._heard.close()
        self._rung.close()
