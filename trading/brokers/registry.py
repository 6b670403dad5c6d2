"""The brokers that we can talk to, by name."""

from trading.brokers.base import Broker
from trading.brokers.kite import KiteBroker

_BROKERS: dict[str, Broker] = {broker.name: broker for broker in (KiteBroker(),)}


class UnknownBrokerError(LookupError):
    """There is no adapter for this broker."""


def broker_names() -> tuple[str, ...]:
    """The names that `get_broker` knows."""
    return tuple(_BROKERS)


def get_broker(name: str) -> Broker:
    """The adapter for the broker `name`. Raises UnknownBrokerError."""
    try:
        return _BROKERS[name]
    except KeyError:
        raise UnknownBrokerError(f"There is no adapter for the broker {name!r}.") from None
