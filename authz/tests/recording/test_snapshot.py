"""What is kept of attributes: bounded, without secrets, and honest about what is missing."""

from typing import Any

import orjson
import pytest

from authz.recording.snapshot import is_light, kept
from config.telemetry import planted_secrets


def test_what_is_small_and_plain_is_kept_as_it_is() -> None:
    attributes = {"ip": "203.0.113.7", "n": 1, "on": True, "list": ["a", 1], "none": None}
    assert kept(attributes, limit=1000) == (attributes, [])


def test_a_set_is_kept_as_a_list() -> None:
    assert kept({"roles": frozenset({"b", "a"})}, limit=1000) == ({"roles": ["a", "b"]}, [])


@pytest.mark.parametrize(
    "attributes",
    [
        {"password": "swordfish99"},
        {"deep": {"er": {"api_key": "swordfish99"}}},
        {"note": "Bearer swordfish99swordfish99"},
    ],
)
def test_secrets_are_left_out_and_told(attributes: dict[str, Any]) -> None:
    planted_secrets.add("swordfish99")
    clean, left_out = kept(attributes, limit=1000)
    assert "swordfish99" not in str(clean)
    assert left_out == [*attributes]


def test_of_too_much_the_largest_goes_first() -> None:
    clean, left_out = kept({"a": "x" * 900, "b": "y" * 50, "c": 1}, limit=256)
    assert clean == {"b": "y" * 50, "c": 1}
    assert left_out == ["a"]
    assert len(orjson.dumps(clean)) <= 256


def test_what_is_too_deep_is_left_out() -> None:
    deep: Any = 1
    for _ in range(20):
        deep = {"a": deep}
    assert kept({"deep": deep}, limit=1000)[1] == ["deep"]


@pytest.mark.parametrize(
    ("context", "light"),
    [
        ({}, True),
        ({"a": [1, {"b": "c"}]}, True),
        ({"a": "x" * 20_000}, False),
        ({"a": ["x"] * 501}, False),
        ({"a": {str(n): n for n in range(501)}}, False),
        ({"x" * 20_000: 1}, False),
    ],
)
def test_a_heavy_context_may_not_wait(context: dict[str, Any], light: bool) -> None:
    assert is_light(context) is light
