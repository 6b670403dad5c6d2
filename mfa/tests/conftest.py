"""A clock that stands still, and the events that were told."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from events.domain import DomainEvent
from events.signals import domain_event
from mfa.tests.factories import START


@pytest.fixture
def clock() -> Iterator[Any]:
    """The time is START until `clock.shift(seconds)` moves it."""
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def told() -> Iterator[list[DomainEvent]]:
    """What was emitted during the test."""
    events: list[DomainEvent] = []

    def hear(event: DomainEvent, **_: Any) -> None:
        events.append(event)

    domain_event.connect(hear)
    yield events
    domain_event.disconnect(hear)
