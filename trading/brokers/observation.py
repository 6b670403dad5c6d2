"""Counts and times calls to brokers, the same way for every adapter."""

from collections.abc import Iterator
from contextlib import contextmanager

from trading.brokers.base import BrokerError
from trading.metrics import BROKER_REQUEST_DURATION, BROKER_REQUESTS


@contextmanager
def observed(*, broker: str, call: str) -> Iterator[None]:
    """Around one call: its outcome is the reason of the `BrokerError` that leaves it, or `ok`."""
    outcome = BrokerError.reason
    try:
        with BROKER_REQUEST_DURATION.labels(broker, call).time():
            yield
        outcome = "ok"
    except BrokerError as error:
        outcome = error.reason
        raise
    finally:
        BROKER_REQUESTS.labels(broker, call, outcome).inc()
