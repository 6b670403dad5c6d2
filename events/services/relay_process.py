"""A relay's life: send while there is something, sleep while there is nothing, wait while something is away."""

import random
from contextlib import closing
from dataclasses import replace

import redis
import structlog
from django.conf import settings
from django.db import connection

from config.telemetry import watched_process
from events.services.lost_session import LOST_SESSION
from events.services.relay import Batch, relay_batch
from events.services.stop import Stop
from events.services.stream_comparison import StreamComparison
from events.services.wakeup import Listener

log = structlog.get_logger(__name__)

FIRST_PAUSE = 0.1  # seconds; doubled with each failure up to `relay_longest_pause`
HELD_BACK_PAUSE = 0.02  # seconds; the relay that holds the earlier event is about to let go, or it is set aside soon


class Relay:
    """Any number of these may run, in any number of processes. `stop` ends one after the batch in hand."""

    def __init__(self, *, client: "redis.Redis", batch_size: int, stop: Stop) -> None:
        self._client = client
        self._stream = StreamComparison(client)
        self._batch_size = batch_size
        self._stop = stop
        self._failures = 0

    def run(self) -> int:
        """Relay until the stop; returns how many events were sent."""
        total = 0
        with closing(connection), Listener(self._stop) as listener:
            while not self._stop.wished:
                watched_process.beat()
                batch = self._relay()
                total += batch.sent
                if batch.error:
                    self._stop.wait(self._pause())
                elif (batch.held_back or batch.refused) and not batch.sent:
                    self._stop.wait(HELD_BACK_PAUSE)
                elif not batch.sent:
                    listener.wait(settings.ENVIRONMENT.relay_poll_interval)
        return total

    def drain(self) -> Batch:
        """Relay until nothing can be sent any more: the last batch, with `sent` counting all of them."""
        total = 0
        while True:
            batch = self._relay()
            total += batch.sent
            if not batch.sent or self._stop.wished:
                return replace(batch, sent=total)

    def _relay(self) -> Batch:
        try:
            server = self._stream.server()
            batch = relay_batch(client=self._client, limit=self._batch_size, server=server)
        except LOST_SESSION as error:
            connection.close()  # the next batch opens a new one
            batch = Batch(error=f"{type(error).__name__}: {error}")
        self._note(batch)
        return batch

    def _note(self, batch: Batch) -> None:
        """Say once that something went away and once that it is back, however long it took."""
        if batch.error:
            self._failures += 1
            if self._failures == 1:
                log.error("relay_waits", reason=batch.error)
        elif self._failures:
            log.warning("relay_goes_on", failures=self._failures)
            self._failures = 0

    def _pause(self) -> float:
        pause: float = min(
            settings.ENVIRONMENT.relay_longest_pause, FIRST_PAUSE * 2 ** min(self._failures - 1, 16)
        )
        return pause * random.uniform(0.5, 1)  # noqa: S311 - spreads the relays, hides nothing
