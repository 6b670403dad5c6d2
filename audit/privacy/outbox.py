"""What was told of a person to other services: taken from the outbox and from the stream."""

import json
from collections.abc import Iterator
from typing import Any

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from audit.privacy.errors import EventsPendingError
from audit.privacy.registry import Person
from config import redis as redis_connection
from events.models import OutboxEvent
from events.models.outbox import EMPTIED
from events.services.relay import STREAM

TELLS_OF_IT = "user.erased."  # holds the id alone, and is for receivers to hear
BATCH = 500  # entries of the stream looked at in one round trip


def rows_of(person: Person) -> Any:
    """Events that name the person, by id or by address, and are not emptied; without the one of the erasure."""
    said = OutboxEvent.objects.annotate(said=Cast("data", TextField())).exclude(data=EMPTIED)
    said = said.exclude(event_type__startswith=TELLS_OF_IT)
    return said.filter(
        Q(aggregate_id=person.public_id)
        | Q(said__contains=person.public_id)
        | Q(said__icontains=person.email)
    )


def erase(person: Person) -> int:
    """Empty what was sent, in the outbox and on the stream; returns how many rows of the outbox.

    What has yet to be sent is sent first, if it tells who the person is: raises EventsPendingError, and the erasure
    goes on when it was.
    """
    rows: Any = rows_of(person)
    emptied: int = rows.sent().update(data=EMPTIED, updated_at=timezone.now())
    for entry in _on_the_stream(person):
        redis_connection.client().xdel(STREAM, entry)
    pending = rows.filter(sent_at=None).values_list("said", flat=True)
    if any(_tells(said.lower(), person) for said in pending):
        raise EventsPendingError
    return emptied


def forget_deliveries(model: Any, event: str, person: Person) -> int:
    """Delete the rows of `model` whose `event` was sent and names the person."""
    deleted: int = model.objects.filter(
        **{f"{event}__in": rows_of(person).sent().values("pk")}
    ).delete()[0]
    return deleted


def _tells(said: str, person: Person) -> bool:
    """Whether lower-case JSON tells who the person is: by address, or by name or phone beside the id, which alone says
    nothing any more.
    """
    if person.email.lower() in said:
        return True
    words = [json.dumps(each, ensure_ascii=False)[1:-1] for each in (person.name, person.phone)]
    return person.public_id in said and any(word and word.lower() in said for word in words)


def _on_the_stream(person: Person) -> Iterator[bytes]:
    """The ids of entries that tell who the person is; the others stay for receivers that are behind."""
    client: Any = redis_connection.client()
    after = b"-"
    while page := client.xrange(STREAM, min=after, max="+", count=BATCH):
        for entry, fields in page:
            said = b" ".join(fields.values()).decode(errors="replace")
            if _tells(said.lower(), person):
                yield entry
        after = b"(" + page[-1][0]
