"""What a relay sleeps on: woken by NOTIFY, by its time running out, or by the wish to stop."""

import select
from time import monotonic
from types import TracebackType
from typing import Any, Self

import psycopg
import structlog
from django.conf import settings
from django.db import connection

from events.services.lost_session import LOST_RAW_SESSION
from events.services.outbox import CHANNEL
from events.services.stop import Stop

log = structlog.get_logger(__name__)


class Listener:
    """One PostgreSQL connection that does nothing but LISTEN, to DATABASE_DIRECT_URL if there is one.

    What is notified while nobody waits is kept, so a `wait` after it returns at once. While the connection cannot
    be had, or leads to a pooler, behind which nothing is heard, `wait` is plain sleep: the relay then lives by polling.
    """

    def __init__(self, stop: Stop, channel: str = CHANNEL) -> None:
        self._stop = stop
        self._channel = channel
        self._connection: psycopg.Connection[Any] | None = None
        self._told = True  # whether it listened, the last time a line was logged

    def __enter__(self) -> Self:
        self._connect()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._disconnect()

    @property
    def listening(self) -> bool:
        return self._connection is not None

    def wait(self, timeout: float, *others: Any) -> bool:
        """Sleep until there is reason to look (True), or for `timeout` seconds, or until the stop (False).

        A reason is a NOTIFY, a connection lost, since then one may have been missed, or something to read from one of
        `others`, which have a `fileno`.
        """
        if self._connection is None:
            self._connect()
        if self._connection is None:
            return self._stop.wait(timeout, *others)
        deadline = monotonic() + timeout
        while not self._stop.wished and (left := deadline - monotonic()) > 0:
            if self._stop.wait(left, self._connection, *others) and (
                self._has_news(self._connection) or select.select(others, [], [], 0)[0]
            ):
                return True
        return False

    def _has_news(self, listening: psycopg.Connection[Any]) -> bool:
        try:
            return len(list(listening.notifies(timeout=0))) > 0
        except LOST_RAW_SESSION:
            self._disconnect()
            return True

    def _connect(self) -> None:
        try:
            self._connection = _connected()
            if _is_pooled(self._connection):
                self._disconnect()
            else:
                self._connection.execute(f"LISTEN {self._channel}")
        except LOST_RAW_SESSION:
            self._disconnect()
        if self.listening != self._told:
            self._told = self.listening
            log.warning(
                "relay_listens" if self.listening else "relay_only_polls", channel=self._channel
            )

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _connected() -> "psycopg.Connection[Any]":
    """Raises psycopg.OperationalError."""
    direct = settings.ENVIRONMENT.database_direct_url
    if direct is not None:
        return psycopg.connect(direct.get_secret_value(), autocommit=True)
    return psycopg.connect(**connection.get_connection_params(), autocommit=True)


def _is_pooled(connected: "psycopg.Connection[Any]") -> bool:
    """Whether something between us and PostgreSQL hands our statements to whichever session is free.

    A pooler gives its clients a process id of its own making, for their requests to cancel.
    """
    row = connected.execute("SELECT pg_backend_pid()").fetchone()
    return row is None or row[0] != connected.info.backend_pid
