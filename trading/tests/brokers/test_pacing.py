"""Turns at a broker's rate limit, shared by every worker."""

import time
from itertools import pairwise
from typing import Any

import pytest
import redis

from config import redis as redis_connection
from config.ids import new_uuid
from tests.racing import at_once
from trading.brokers import pacing
from trading.brokers.base import Pace

TEN = Pace(per_second=10)
SLOW = Pace(per_second=0.01)


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(text: str) -> Any:
        raise redis.ConnectionError

    monkeypatch.setattr(pacing, "_script", refuse)


def waits(key: str, count: int, pace: Pace = TEN, *, longest: float = 60) -> list[float]:
    return [
        wait
        for taken, wait in (
            pacing.take_turn("kite", key, pace, longest_wait=longest) for _ in range(count)
        )
        if taken
    ]


def test_turns_are_a_tenth_of_a_second_apart() -> None:
    begun = time.monotonic()
    told = waits(str(new_uuid()), 21)
    late = time.monotonic() - begun
    assert told[0] == 0
    assert 2.0 - late - 0.01 <= told[-1] <= 2.01


def test_each_key_has_turns_of_its_own() -> None:
    assert [waits(str(new_uuid()), 1) for _ in range(3)] == [[0]] * 3


def test_a_burst_goes_at_once() -> None:
    told = waits(str(new_uuid()), 4, Pace(per_second=0.01, burst=3), longest=600)
    assert told[:3] == [0, 0, 0]
    assert told[3] > 90


def test_who_cannot_wait_takes_no_turn_from_others() -> None:
    key = str(new_uuid())
    waits(key, 1, SLOW)
    taken, wait = pacing.take_turn("kite", key, SLOW, longest_wait=5)
    assert (taken, wait > 90) == (False, True)
    assert pacing.take_turn("kite", key, SLOW, longest_wait=200)[1] <= 100


def test_many_at_once_share_one_queue() -> None:
    key = str(new_uuid())
    turns = at_once(
        *[lambda: pacing.take_turn("kite", key, Pace(per_second=1), longest_wait=60)] * 8
    )
    told = sorted(wait for _, wait in turns)
    assert all(later - earlier > 0.5 for earlier, later in pairwise(told))


def test_after_too_many_requests_nobody_has_a_turn_for_a_while() -> None:
    key = str(new_uuid())
    pacing.hold("kite", key, 30)
    assert waits(key, 1, longest=5) == []
    assert waits(key, 1, longest=60)[0] > 25


def test_redis_is_not_told_the_key() -> None:
    key = f"a-key-{new_uuid()}"
    waits(key, 1)
    names = [str(name) for name in redis_connection.client().keys("*pacing*")]
    assert names
    assert not [name for name in names if key in name]


@pytest.mark.usefixtures("away")
def test_with_redis_away_each_process_has_a_queue_of_its_own() -> None:
    key = str(new_uuid())
    told = waits(key, 3, Pace(per_second=1))
    assert told[0] == 0
    assert 1.5 < told[2] <= 2
    assert waits(key, 1, Pace(per_second=1), longest=1) == []
    pacing.hold("kite", key, 30)
    assert waits(key, 1, longest=5) == []


def test_what_is_kept_in_memory_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing.LocalTurns, "LARGEST", 2)
    turns = pacing.LocalTurns()
    for key in ("first", "second", "third"):
        turns.take(key, 10_000, 1, 60_000)
    assert turns.take("first", 10_000, 1, 60_000) == (1, 0.0)
    assert turns.take("third", 10_000, 1, 60_000)[1] > 0
