"""Made-up events. `ThingHappened` is about any aggregate; it has every kind of field that an event may have."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from django.db import transaction
from factory.declarations import LazyFunction, Sequence
from factory.django import DjangoModelFactory

from config.ids import new_uuid, public_id
from events.domain import DomainEvent, emit
from events.models import OutboxEvent


@dataclass(frozen=True, kw_only=True)
class ThingHappened(DomainEvent):
    """A thing happened, for the tests of the events floor alone."""

    event_type = "test_events.thing.happened"
    channel = "test_events.thing"
    aggregate_type: ClassVar[str] = "thing"

    thing_id: str
    number: int = 0
    at: datetime = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    tags: frozenset[str] = frozenset()
    labels: Mapping[str, datetime | None] | None = None

    @property
    def aggregate_id(self) -> str:
        return self.thing_id


@dataclass(frozen=True, kw_only=True)
class ThingNoted(DomainEvent):
    """Stays inside: it has no type for the outside."""

    thing_id: str


def new_thing() -> str:
    """The public id of a thing that no other test knows."""
    return public_id("thing", new_uuid())


def happen(thing_id: str, *, times: int = 1) -> None:
    """Commit `times` events about one thing, a transaction each, numbered from 0."""
    for number in range(times):
        with transaction.atomic():
            emit(ThingHappened(thing_id=thing_id, number=number))


class OutboxEventFactory(DjangoModelFactory[OutboxEvent]):
    """A committed row; `sent_at=…` for one that went out."""

    class Meta:
        model = OutboxEvent

    event_type = ThingHappened.full_type()
    channel = ThingHappened.channel
    aggregate_type = ThingHappened.aggregate_type
    aggregate_id = LazyFunction(new_thing)
    sequence = Sequence(lambda number: number + 1)
    data = LazyFunction(dict)
