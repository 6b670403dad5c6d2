"""Telling what happened."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import models, transaction

from config.http.context import RequestContext, acting
from events.domain import DomainEvent, emit, for_the_trail
from events.schemas import schema_of
from events.signals import domain_event
from events.tests.factories import ThingHappened, ThingNoted, new_thing


class Colour(models.TextChoices):
    RED = "red"


@dataclass(frozen=True, kw_only=True)
class Everything(DomainEvent):
    moment: datetime
    day: date
    colour: Colour
    key: UUID
    words: tuple[str, ...]
    names: frozenset[str]
    times: dict[str, datetime | None]


@contextmanager
def hearing() -> Iterator[list[dict[str, Any]]]:
    heard: list[dict[str, Any]] = []

    def receiver(**told: Any) -> None:
        heard.append(told)

    domain_event.connect(receiver, weak=False)
    try:
        yield heard
    finally:
        domain_event.disconnect(receiver)


@pytest.mark.django_db
def test_receivers_hear_the_event_the_context_and_an_id() -> None:
    event = ThingNoted(thing_id=new_thing())
    context = RequestContext(request_id="r-1")
    with hearing() as heard, acting(context):
        emit(event)
        emit(event)
    assert [(told["event"], told["context"]) for told in heard] == [(event, context)] * 2
    assert heard[0]["event_id"].version == 7
    assert heard[0]["event_id"] < heard[1]["event_id"]


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused() -> None:
    with hearing() as heard, pytest.raises(RuntimeError, match="ThingNoted was emitted outside"):
        emit(ThingNoted(thing_id=new_thing()))
    assert heard == []


@pytest.mark.django_db(transaction=True)
def test_a_receiver_that_raises_undoes_the_change() -> None:
    def receiver(**told: Any) -> None:
        raise ValueError("no")

    domain_event.connect(receiver)
    try:
        with pytest.raises(ValueError, match="no"), transaction.atomic():
            emit(ThingHappened(thing_id=new_thing()))
    finally:
        domain_event.disconnect(receiver)


def test_data_holds_json_values_only() -> None:
    event = Everything(
        moment=datetime(2026, 1, 2, tzinfo=UTC),
        day=date(2026, 1, 2),
        colour=Colour.RED,
        key=UUID(int=7),
        words=("b", "a"),
        names=frozenset({"b", "a"}),
        times={"at": datetime(2026, 1, 2, tzinfo=UTC), "never": None},
    )
    assert event.data() == {
        "moment": "2026-01-02T00:00:00+00:00",
        "day": "2026-01-02",
        "colour": "red",
        "key": "00000000-0000-0000-0000-000000000007",
        "words": ["b", "a"],
        "names": ["a", "b"],
        "times": {"at": "2026-01-02T00:00:00+00:00", "never": None},
    }
    assert event.audit_metadata() == event.data()


def test_an_event_says_what_it_is_about() -> None:
    with pytest.raises(NotImplementedError, match="Everything"):
        _ = Everything.aggregate_id.fget(object.__new__(Everything))  # type: ignore[attr-defined]


def test_an_event_concerns_nobody_and_touches_nothing_unless_it_says_so() -> None:
    event = ThingNoted(thing_id=new_thing())
    assert (event.subject_user_id, event.touches) == ("", ())


def test_two_events_cannot_have_one_type() -> None:
    with pytest.raises(
        TypeError, match=r"is the type of events\.tests\.factories\.ThingHappened already"
    ):

        class Impostor(DomainEvent):
            event_type = ThingHappened.event_type


def test_a_special_case_of_an_event_keeps_its_type() -> None:
    class Special(ThingHappened):
        audit_type = "thing.special"

    assert DomainEvent.registry[Special.full_type()] is ThingHappened


def test_what_is_for_the_trail_does_not_leave_the_service() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Scored(DomainEvent):
        name: str
        risk_score: int | None = for_the_trail()
        risk_signals: tuple[str, ...] = for_the_trail(())
        note: str = for_the_trail("")

    event = Scored(name="a", risk_score=40, risk_signals=("new_device",), note="why")
    assert event.data() == {"name": "a"}
    assert event.audit_metadata() == {"name": "a", "note": "why"}
    assert Scored(name="a").audit_metadata() == {"name": "a"}
    assert schema_of(Scored)["required"] == ["name"]
    assert (Scored(name="a").risk_score, Scored(name="a").risk_signals) == (None, ())
