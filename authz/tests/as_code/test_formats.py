"""One file: read strictly, written always the same."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authz.as_code.formats import LARGEST_FILE, Format, dump, load
from authz.engine.errors import PolicyError

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
TRICKY = st.sampled_from(
    ["yes", "no", "on", "1e3", "1:30", "0x1f", "2026-11-25", "~", "null", "<<", "=", "", " a"]
)
SCALARS: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT | TRICKY
)
SCALARS |= st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT | TRICKY, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200)
@given(value=VALUES, form=st.sampled_from(Format))
def test_what_is_written_reads_the_same_and_is_written_the_same(value: Any, form: Format) -> None:
    raw = dump(value, form)
    assert load(raw, form) == value
    assert dump(load(raw, form), form) == raw


def test_names_stand_in_the_order_of_reading() -> None:
    raw = dump({"effect": "allow", "zebra": 1, "name": "a", "apple": 2}, Format.JSON)
    assert [line.split('"')[1] for line in raw.decode().splitlines()[1:-1]] == [
        "name",
        "effect",
        "apple",
        "zebra",
    ]


@pytest.mark.parametrize(
    ("raw", "detail"),
    [
        (b"a: &x [1]\nb: *x\n", "Aliases are not taken at line 2, column 4."),
        (b"a: 1\na: 2\n", "The key a stands there twice at line 2, column 1."),
        (b"a: [1\n", "line"),
        (b"1: a\n", "A key is text"),
        (b"a: !!python/object/apply:os.system ['true']\n", "could not determine a constructor"),
        (b"a: !!binary aGk=\n", "Only what JSON can say."),
        (b"\xff", "Not YAML in UTF-8."),
        (b"[" * 40 + b"]" * 40, "Nested deeper than 32"),
        (b"[" * 5000, "Nested deeper than 32"),
        (b"a: .nan\nb: '\\ud800'\nc: 1e999\n", "Only what JSON can say."),
        (b"#" * (LARGEST_FILE + 1), "A file has at most"),
    ],
)
def test_bad_yaml_is_refused_with_its_place(raw: bytes, detail: str) -> None:
    with pytest.raises(PolicyError) as caught:
        load(raw, Format.YAML)
    assert detail in caught.value.flaws[0].detail


def test_so_is_bad_json() -> None:
    for raw in (b'{"a": 1, "a": 2}', b"{", b"NaN", b"[" * 100_000):
        with pytest.raises(PolicyError):
            load(raw, Format.JSON)


def test_yaml_has_no_surprises() -> None:
    raw = b"country: NO\nswitch: on\nday: 2026-11-25\nhalf: 1:30\nempty:\nmerge: {<<: 1}\n"
    assert load(raw, Format.YAML) == {
        "country": "NO",
        "switch": "on",
        "day": "2026-11-25",
        "half": "1:30",
        "empty": None,
        "merge": {"<<": 1},
    }
