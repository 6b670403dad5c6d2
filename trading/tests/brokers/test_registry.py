"""Brokers by name."""

import pytest

from trading.brokers.kite import KiteBroker
from trading.brokers.registry import UnknownBrokerError, broker_names, get_broker


def test_kite_is_known_by_its_name() -> None:
    assert isinstance(get_broker("kite"), KiteBroker)
    assert [get_broker(name).name for name in broker_names()] == list(broker_names())


def test_an_unknown_broker_is_said() -> None:
    with pytest.raises(UnknownBrokerError, match="'robinhood'"):
        get_broker("robinhood")
