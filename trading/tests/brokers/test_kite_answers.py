"""Bodies in odd shapes: what cannot be read is unavailable, what can be read is cleaned."""

import json
from typing import Any

import pytest

from trading.brokers.base import BrokerOutcomeUnknownError, BrokerUnavailableError, Margin
from trading.simulator.client import SimulatorControl
from trading.simulator.faults import Fault
from trading.tests.brokers.contract import make
from trading.tests.brokers.desks import KITE_ROUTES, KiteDesk

PERSON = {"user_id": "AB1234", "user_name": "Asha Rao", "email": "asha@example.com"}
SEGMENT = {"enabled": True, "net": 1, "available": {"cash": 2}, "utilised": {"debits": 3}}


@pytest.fixture
def desk(kite_at_simulator: SimulatorControl) -> KiteDesk:
    return KiteDesk(kite_at_simulator)


def answer(desk: KiteDesk, levers: SimulatorControl, call: str, data: Any) -> Any:
    """What the adapter makes of `data`: JSON text, or something to make JSON of."""
    text = data if isinstance(data, str) else json.dumps(data)
    body = f'{{"status": "success", "data": {text}}}'.encode()
    levers.queue_fault(KITE_ROUTES[call], Fault(status=200, body=body))
    return make(desk, call, token="x")


def test_what_the_profile_leaves_out_is_empty(desk: KiteDesk, levers: SimulatorControl) -> None:
    profile = answer(desk, levers, "profile", {"user_id": "AB1234", "exchanges": None})
    assert (profile.broker_user_id, profile.name, profile.exchanges) == ("AB1234", "", ())


def test_words_that_a_database_cannot_hold_are_cleaned_and_long_ones_cut(
    desk: KiteDesk, levers: SimulatorControl
) -> None:
    data = {
        **PERSON,
        "user_name": "A\x00sha\ud800",
        "email": "x" * 1000,
        "exchanges": ["NSE", 5, None] + ["E"] * 100,
    }
    profile = answer(desk, levers, "profile", data)
    assert profile.name == "Asha?"
    assert len(profile.email) == 200
    assert profile.exchanges[:2] == ("NSE", "E")
    assert len(profile.exchanges) <= 50


@pytest.mark.parametrize(
    "data", [{}, {"user_id": ""}, {"user_id": 5}, {"user_id": "A B"}, "5", '"x"']
)
def test_a_profile_without_a_person_is_no_profile(
    desk: KiteDesk, levers: SimulatorControl, data: Any
) -> None:
    with pytest.raises(BrokerUnavailableError):
        answer(desk, levers, "profile", data)


@pytest.mark.parametrize("token", [None, "", 5, "a\nb", "x" * 300])
def test_an_exchange_without_a_good_token_has_an_unknown_outcome(
    desk: KiteDesk, levers: SimulatorControl, token: Any
) -> None:
    with pytest.raises(BrokerOutcomeUnknownError):
        answer(desk, levers, "complete_login", {**PERSON, "login_time": "", "access_token": token})


@pytest.mark.parametrize(
    ("amount", "rupees"),
    [
        ("0", "0.00"),
        ("-0.001", "0.00"),
        ("99725.05000000002", "99725.05"),
        ("-1234.5", "-1234.50"),
        ("1e3", "1000.00"),
        ("123456789012345.67", "123456789012345.67"),
        ("0.1", "0.10"),
    ],
)
def test_amounts_are_exact_to_the_paisa(
    desk: KiteDesk, levers: SimulatorControl, amount: str, rupees: str
) -> None:
    segment = json.dumps({"equity": SEGMENT}).replace('"net": 1', f'"net": {amount}')
    (margin,) = answer(desk, levers, "margins", segment)
    assert margin == Margin(
        segment="equity", enabled=True, net=rupees, available_cash="2.00", utilised="3.00"
    )


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "true", '"5"', "null", "1e999999", "1e30"])
def test_an_amount_that_is_no_sum_of_money_is_unreadable(
    desk: KiteDesk, levers: SimulatorControl, amount: str
) -> None:
    segment = json.dumps({"equity": SEGMENT}).replace('"net": 1', f'"net": {amount}')
    with pytest.raises(BrokerUnavailableError):
        answer(desk, levers, "margins", segment)


@pytest.mark.parametrize(
    "data",
    [{}, {"gold": SEGMENT}, {"equity": None}, {"equity": {**SEGMENT, "available": None}}, []],
)
def test_margins_without_a_known_segment_are_unreadable(
    desk: KiteDesk, levers: SimulatorControl, data: Any
) -> None:
    with pytest.raises(BrokerUnavailableError):
        answer(desk, levers, "margins", data)


def test_a_segment_that_we_do_not_know_is_left_out(
    desk: KiteDesk, levers: SimulatorControl
) -> None:
    margins = answer(desk, levers, "margins", {"commodity": SEGMENT, "gold": None})
    assert [margin.segment for margin in margins] == ["commodity"]
