"""Devices and places in plain words."""

import sys

import pytest
from django.utils import translation

from accounts.devices import country_name, device_and_place
from accounts.tests.risk.signing_in import IPHONE, WINDOWS
from accounts.user_agents import parser


@pytest.mark.parametrize(
    ("user_agent", "country", "city", "words"),
    [
        (WINDOWS, "IN", "Pune", "Chrome on Windows, Pune"),
        (IPHONE, "IN", "", "Mobile Safari on iOS, India"),
        (WINDOWS, "", "", "Chrome on Windows"),
        ("curl/8.5.0", "", "", "curl"),
        ("", "NO", "", "Unknown device, Norway"),
        ("", "", "", "Unknown device"),
    ],
)
def test_what_is_known_is_said(user_agent: str, country: str, city: str, words: str) -> None:
    assert device_and_place(user_agent, country, city) == words


def test_a_country_has_its_name_in_the_language_in_force() -> None:
    with translation.override("hi"):
        assert country_name("IN") == "भारत"
    assert (country_name("GB"), country_name("QQ"), country_name("")) == (
        "United Kingdom",
        "QQ",
        "",
    )


def test_no_process_loads_the_places_of_telephone_numbers() -> None:
    """A hundred megabytes in each, which `phonenumbers` reads whole for the name of one country."""
    assert not [name for name in sys.modules if name.startswith("phonenumbers.geodata")]


def test_no_process_keeps_patterns_of_models_of_devices() -> None:
    """Fourteen megabytes in each, for what nobody is told."""
    assert parser().parse_user_agent(IPHONE)
    assert parser().parse_device(IPHONE) is None
