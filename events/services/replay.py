"""Events sent again, with the ids that they had: for readers that lost what they had, and after a refusal."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import redis
from django.db import transaction

from events.domain import emit
from events.errors import ReplayStoppedError
from events.events import EventsReplayed
from events.models import OutboxEvent, OutboxQuerySet
from events.services.outbox import wake_relays
from events.services.publishing import publish


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """Which of the sent events, or of those that were `set_aside`: each other part that is given narrows it."""

    set_aside: bool = False
    ids: Collection[UUID] = ()
    begin: datetime | None = None
    end: datetime | None = None
    event_type: str = ""
    subject: str = ""

    def events(self) -> OutboxQuerySet:
        """Those that went out and are still kept, or that were set aside, in their order."""
        every = OutboxEvent.objects.in_order()
        rows = every.set_aside() if self.set_aside else every.sent()
        if self.ids:
            rows = rows.filter(pk__in=self.ids)
        if self.begin:
            rows = rows.filter(created_at__gte=self.begin)
        if self.end:
            rows = rows.filter(created_at__lt=self.end)
        if self.event_type:
            rows = rows.filter(event_type=self.event_type)
        return rows.filter(aggregate_id=self.subject) if self.subject else rows

    def __str__(self) -> str:
        """For the trail."""
        parts = {
            "ids": len(self.ids) or "",
            "from": self.begin and self.begin.isoformat(),
            "to": self.end and self.end.isoformat(),
            "type": self.event_type,
            "subject": self.subject,
        }
        return ", ".join(f"{name}: {value}" for name, value in parts.items() if value)


def send_again(*, client: "redis.Redis", selection: Selection, batch_size: int) -> Iterator[int]:
    """Put the events of `selection` on the stream and on Pub/Sub once more, beside what the relays send; yields how
    many each batch had. The trail is told first. Webhooks have replays of their own.

    Raises ReplayStoppedError when Redis does not take them.
    """
    with transaction.atomic():
        emit(EventsReplayed(events=selection.events().count(), selection=str(selection)))
    after = 0
    while rows := list(selection.events().filter(sequence__gt=after)[:batch_size]):
        done = publish(client, rows)
        if done.error or done.refused:
            raise ReplayStoppedError(done.error or done.refused[0][1])
        after = rows[-1].sequence or 0
        yield len(rows)


def try_again(*, events: OutboxQuerySet) -> int:
    """Put those of `events` that were set aside back in line; returns how many."""
    with transaction.atomic():
        number = events.try_again()
        if number:
            emit(EventsReplayed(events=number, selection="set aside"))
            transaction.on_commit(wake_relays, robust=True)
        return number
