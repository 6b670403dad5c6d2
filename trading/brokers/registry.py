"""The brokers that we can talk to, by name. What an adapter brings along is loaded when it is first asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from trading.brokers.base import Broker


@dataclass(frozen=True)
class Entry:
    """`label` is what people call the broker; `adapter` is `module:class` of its `trading.brokers.base.Broker`."""

    label: str
    adapter: str


BROKERS: Mapping[str, Entry] = {
    "kite": Entry("Kite", "trading.brokers.kite:KiteBroker"),
    "paper": Entry("Paper trading", "trading.brokers.paper:PaperBroker"),
}


class UnknownBrokerError(LookupError):
    """There is no adapter for this broker."""


def broker_names() -> tuple[str, ...]:
    """The names that `get_broker` knows."""
    return tuple(BROKERS)


def broker_choices() -> list[tuple[str, str]]:
    """Names and labels, as a field's choices."""
    return [(name, entry.label) for name, entry in BROKERS.items()]


def label_of(name: str) -> str:
    """What people call the broker `name`. Raises UnknownBrokerError."""
    return _entry(name).label


@cache
def get_broker(name: str) -> Broker:
    """The adapter for the broker `name`. Raises UnknownBrokerError."""
    module, _, adapter = _entry(name).adapter.partition(":")
    broker: Broker = getattr(import_module(module), adapter)()
    return broker


def _entry(name: str) -> Entry:
    try:
        return BROKERS[name]
    except KeyError:
        raise UnknownBrokerError(f"There is no adapter for the broker {name!r}.") from None
