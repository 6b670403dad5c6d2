"""A broker that does not answer anybody is left alone for a while."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from tests.racing import at_once
from trading.brokers import circuit
from trading.brokers.base import CircuitOpenError

BROKER = "a-broker-of-the-tests"


@pytest.fixture(autouse=True)
def closed(environment: Any) -> Iterator[None]:
    environment(circuit_failures=3, circuit_cooldown=0.05)
    circuit.forget(BROKER)
    yield
    circuit.forget(BROKER)


def is_admitted() -> bool:
    try:
        circuit.admit(BROKER)
    except CircuitOpenError:
        return False
    return True


def fail(times: int = 3) -> None:
    for _ in range(times):
        circuit.failed(BROKER)


def test_it_opens_after_failures_in_a_row(environment: Any) -> None:
    environment(circuit_cooldown=60)
    fail(2)
    circuit.answered(BROKER)
    fail(2)
    assert is_admitted()
    fail(1)
    assert not is_admitted()
    assert circuit.is_open(BROKER)


def test_who_is_refused_hears_when_to_come_again(environment: Any) -> None:
    environment(circuit_cooldown=60)
    fail()
    with pytest.raises(CircuitOpenError) as refusal:
        circuit.admit(BROKER)
    assert 50 < (refusal.value.retry_after or 0) <= 60


def test_then_one_call_of_many_is_let_through_to_see() -> None:
    fail()
    time.sleep(0.06)
    assert sum(at_once(*[is_admitted] * 8)) == 1


def test_an_answer_closes_it() -> None:
    fail()
    time.sleep(0.06)
    assert is_admitted()
    circuit.answered(BROKER)
    assert [is_admitted() for _ in range(3)] == [True] * 3
    assert not circuit.is_open(BROKER)


def test_silence_opens_it_again(environment: Any) -> None:
    fail()
    time.sleep(0.06)
    assert is_admitted()
    environment(circuit_cooldown=60)
    fail(1)
    assert not is_admitted()


def test_with_redis_away_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    fail()

    def refuse(*_: Any) -> Any:
        raise redis.ConnectionError

    monkeypatch.setattr(circuit, "_script", refuse)
    monkeypatch.setattr("trading.brokers.circuit.redis_connection.client", refuse)
    assert is_admitted()
    circuit.failed(BROKER)
    circuit.answered(BROKER)
    assert not circuit.is_open(BROKER)
    monkeypatch.undo()
