"""Asking a broker with patience: in turn, not while it is down, and again after trouble that may pass.

For calls that may be repeated: a login's exchange never goes this way.
"""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings

from trading.brokers import circuit, pacing
from trading.brokers.base import (
    Broker,
    BrokerError,
    BrokerThrottledError,
    BrokerUnavailableError,
    NotAskedError,
    TooManyWaitingError,
)
from trading.metrics import BROKER_WAITS

Value = TypeVar("Value")


class Patience:
    """How long one piece of work waits in all, whatever for: a worker is never held for longer."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    @property
    def left(self) -> float:
        return max(0.0, self._until - time.monotonic())

    def wait(self, seconds: float, *, broker: str, cause: str) -> None:
        """Sleep; `cause` is `turn` or `retry`."""
        BROKER_WAITS.labels(broker, cause).observe(seconds)
        if seconds:
            time.sleep(seconds)


def ask(broker: Broker, api_key: str, call: Callable[[], Value], *, patience: Patience) -> Value:
    """What `call()` returns, after `sync_attempts` tries at most. Tries go on after time-outs, 5xx, nonsense and 429,
    as late as the broker's Retry-After says; never after a refusal.

    Raises what the last try raised; CircuitOpenError and TooManyWaitingError when the broker was not asked.
    """
    for attempt in range(1, settings.ENVIRONMENT.sync_attempts + 1):
        try:
            return _once(broker, api_key, call, patience)
        except NotAskedError:
            raise
        except BrokerUnavailableError as error:
            pause = _pause(error, attempt)
            if attempt == settings.ENVIRONMENT.sync_attempts or pause > patience.left:
                raise
        patience.wait(pause, broker=broker.name, cause="retry")
    raise AssertionError("the last attempt returns or raises")


def _once(broker: Broker, api_key: str, call: Callable[[], Value], patience: Patience) -> Value:
    _await_turn(broker, api_key, patience)
    circuit.admit(broker.name)
    try:
        value = call()
    except BrokerThrottledError as error:
        circuit.answered(broker.name)
        pacing.hold(broker.name, api_key, error.retry_after or settings.ENVIRONMENT.sync_backoff)
        raise
    except BrokerUnavailableError:
        circuit.failed(broker.name)
        raise
    except BrokerError:
        circuit.answered(broker.name)
        raise
    circuit.answered(broker.name)
    return value


def _await_turn(broker: Broker, api_key: str, patience: Patience) -> None:
    taken, wait = pacing.take_turn(broker.name, api_key, broker.pace, longest_wait=patience.left)
    if not taken:
        raise TooManyWaitingError(retry_after=wait)
    patience.wait(wait, broker=broker.name, cause="turn")


def _pause(error: BrokerUnavailableError, attempt: int) -> float:
    """As long as the broker wants, and else longer after each try; drawn by lot, so that many do not come back at
    once."""
    spread = random.uniform(0, settings.ENVIRONMENT.sync_backoff * 2 ** (attempt - 1))  # noqa: S311 - no secret
    return (error.retry_after or 0.0) + spread
