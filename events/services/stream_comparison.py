"""What Redis had taken and has forgotten goes out again: after a crash or a failover, or on a new server (ADR 0185).

Redis forgets from the end: what it wrote last is what it had not yet kept. So the newest of the sent events are looked
for on the stream, further and further back, until a stretch is whole.
"""

import json
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import redis
import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from config.locking import alone
from events.models import OutboxEvent
from events.services.publishing import RELAYS, STREAM, server_of

log = structlog.get_logger(__name__)

PAGE = 1000  # rows, and entries, that are looked at together
STRETCH = timedelta(minutes=1)  # the least that has to be whole: relays send side by side
CLOCKS = timedelta(minutes=1)  # by which Redis' clock and PostgreSQL's may differ


class StreamComparison:
    """Of one relay. It compares when it starts, and whenever it meets another server than before."""

    def __init__(self, client: "redis.Redis") -> None:
        self._client = client
        self._server = ""

    def server(self) -> str:
        """The server whose stream is known to have all that was sent; "" before there was one.

        While Redis does not answer it is the former one, on which `publish` then insists.
        """
        try:
            server = server_of(self._client)
            if server != self._server:
                self._compare()
                self._server = server
        except redis.RedisError as error:
            log.debug("stream_not_compared", reason=f"{type(error).__name__}: {error}")
        return self._server

    def _compare(self) -> None:
        with transaction.atomic():
            alone(RELAYS)  # no relay is between sending and marking
            forgotten = list(forgotten_events(self._client))
            OutboxEvent.objects.send_again(forgotten)
        if forgotten:
            log.warning("stream_forgot_events", events=len(forgotten))


def forgotten_events(client: "redis.Redis") -> Iterator[UUID]:
    """Those that are marked sent and are not on the stream, although it is to keep them."""
    kept, newest = Entries(client), None
    begin = timezone.now() - timedelta(seconds=settings.ENVIRONMENT.stream_retention) + CLOCKS
    for page in _pages(begin):
        newest, oldest = newest or page[0][1], page[-1][1]
        missing = kept.without({key for key, _ in page}, down_to=oldest - CLOCKS)
        yield from missing
        if not missing and oldest <= newest - STRETCH:
            return


class Entries:
    """The ids of the events on the stream, read from its end and no further than asked."""

    def __init__(self, client: "redis.Redis") -> None:
        self._client: Any = client
        self._seen: set[UUID] = set()
        self._before = "+"

    def without(self, events: Collection[UUID], *, down_to: datetime) -> set[UUID]:
        """Those of `events` that are not there, having looked at what is younger than `down_to` if need be."""
        limit = int(down_to.timestamp() * 1000)
        missing = set(events) - self._seen
        while missing and self._before and _time_of(self._before) >= limit:
            missing -= self._read()
        return missing

    def _read(self) -> set[UUID]:
        page = self._client.xrevrange(STREAM, max=self._before, count=PAGE)
        self._before = f"({page[-1][0].decode()}" if page else ""
        found = {event for _, fields in page if (event := _event_of(fields))}
        self._seen |= found
        return found


def _pages(begin: datetime) -> Iterator[list[tuple[UUID, datetime]]]:
    """Keys and times of what was sent since `begin`, the last first."""
    rows = OutboxEvent.objects.sent().unemptied().filter(sent_at__gte=begin)
    rows = rows.order_by("-sent_at", "-id")
    after: tuple[UUID, datetime] | None = None
    while True:
        rest = rows if after is None else rows.sent_no_later(after[1], than=after[0])
        page = [(row.id, row.sent_at) for row in rest.only("id", "sent_at")[:PAGE] if row.sent_at]
        if not page:
            return
        yield page
        after = page[-1]


def _time_of(entry: str) -> float:
    """Milliseconds since the epoch."""
    return float("inf") if entry == "+" else int(entry.strip("(").partition("-")[0])


def _event_of(fields: dict[bytes, bytes]) -> UUID | None:
    """The key inside an entry; somebody else's entry has none."""
    try:
        return OutboxEvent.parse_id(str(json.loads(fields[b"event"])["id"]))
    except (KeyError, TypeError, ValueError):
        return None
