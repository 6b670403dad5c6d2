from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.utils.functional import lazystr
from pydantic import SecretStr

from config.telemetry.redaction import REDACTED, redact


@dataclass
class Login:
    name: str
    password: str


class Broken:
    def __repr__(self) -> str:
        raise RuntimeError("hunter2")


def test_values_under_secret_names_go_at_any_depth() -> None:
    clean = redact(
        {
            "user": {"name": "asha", "password": "hunter2"},
            "steps": [{"code": 123456}, {"tokens": ["a", "b"]}],
            "credentials": {"api_key": "k", "note": "n"},
        }
    )

    assert clean == {
        "user": {"name": "asha", "password": REDACTED},
        "steps": [{"code": REDACTED}, {"tokens": REDACTED}],
        "credentials": REDACTED,
    }


@pytest.mark.parametrize("value", [None, True, False, ""])
def test_that_a_secret_is_missing_may_be_told(value: Any) -> None:
    assert redact({"password": value}) == {"password": value}


def test_texts_and_names_are_searched_too() -> None:
    assert redact({"asha@example.com": ["Bearer abcdefgh"]}) == {
        "a***@example.com": ["Bearer [redacted]"]
    }


@pytest.mark.parametrize(
    ("value", "clean"),
    [
        (3, 3),
        (2.5, 2.5),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (Decimal("1.50"), "1.50"),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02 00:00:00+00:00"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Path("/srv/x"), "/srv/x"),
        (lazystr("later"), "later"),
        (SecretStr("hunter2"), "**********"),
        (b"password=hunter2 \xff", "password=[redacted] \\xff"),
        (("a", {"b"}), ["a", ["b"]]),
        ({1: "x"}, {"1": "x"}),
        (Login("asha", "hunter2"), "Login(name='asha', password='[redacted]')"),
        (ValueError("token: hunter2"), "token: [redacted]"),
        (Broken(), "<Broken whose text fails with RuntimeError>"),
    ],
)
def test_everything_becomes_what_json_can_hold(value: Any, clean: Any) -> None:
    assert redact(value) == clean


TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("request_id", TRACE),
        ("trace_id", TRACE),
        ("request_id", "018f4e2a-7b1c-7d3e-9f00-1a2b3c4d5e6f"),
        ("traceparent", f"00-{TRACE}-b7ad6b7169203331-01"),
    ],
)
def test_ids_of_the_machinery_are_no_keys(name: str, value: str) -> None:
    assert redact({name: value}) == {name: value}


@pytest.mark.parametrize("name", ["request_id", "trace_id", "other"])
def test_a_key_does_not_hide_under_the_name_of_an_id(name: str) -> None:
    assert redact({name: TRACE * 2}) == {name: REDACTED}


def test_a_cycle_ends() -> None:
    loop: dict[str, Any] = {"name": "asha"}
    loop["again"] = [loop, loop]

    assert "left out" in str(redact(loop))


def test_a_huge_structure_is_left_out_in_part() -> None:
    clean = redact({"rows": [[number] * 10 for number in range(10_000)]})

    assert sum(len(row) for row in clean["rows"]) <= 2_000
    assert len(redact({str(number): 1 for number in range(10_000)})) <= 2_000
