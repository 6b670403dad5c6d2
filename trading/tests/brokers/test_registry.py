"""Brokers by name."""

import pytest

from trading.brokers.base import BrokerRefusedError
from trading.brokers.kite import KiteBroker
from trading.brokers.paper import PaperBroker
from trading.brokers.registry import UnknownBrokerError, broker_names, get_broker, label_of
from trading.models import TradingAccount


def test_each_is_known_by_its_name() -> None:
    assert isinstance(get_broker("kite"), KiteBroker)
    assert isinstance(get_broker("paper"), PaperBroker)
    assert [get_broker(name).name for name in broker_names()] == list(broker_names())


def test_an_unknown_broker_is_said() -> None:
    with pytest.raises(UnknownBrokerError, match="'robinhood'"):
        get_broker("robinhood")


def test_what_the_tables_take_is_what_the_registry_knows() -> None:
    field = TradingAccount._meta.get_field("broker")
    assert dict(field.flatchoices) == {name: label_of(name) for name in broker_names()}


def test_only_who_makes_the_credentials_issues_them() -> None:
    for name in broker_names():
        broker = get_broker(name)
        if broker.asks_for_credentials:
            with pytest.raises(BrokerRefusedError):
                broker.issue_credentials()
