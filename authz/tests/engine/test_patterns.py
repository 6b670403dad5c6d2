"""Patterns of actions and resources, and of subjects."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authz.engine.errors import PolicyError
from authz.engine.patterns import Pattern, parse_action, parse_resource, parse_subject


@pytest.mark.parametrize(
    ("pattern", "fitting", "others"),
    [
        (
            "trade:place_order",
            ["trade:place_order"],
            ["trade:place", "trade:place_order:now", "trade"],
        ),
        ("trade:*", ["trade:place_order", "trade:a:b:c"], ["trade", "trades:a"]),
        ("*", ["trade", "trade:place_order", "a:b:c"], []),
        (
            "trade:place_*",
            ["trade:place_order", "trade:place_"],
            ["trade:place_a:b", "trade:replace_a"],
        ),
        ("*:read", ["trading_account:read", "a:read"], ["read", "a:b:read", "a:reads"]),
        ("a:*:c", ["a:b:c", "a:x:c"], ["a:c", "a:b:b:c", "a:b:c:d"]),
        ("a:*:*", ["a:b:c", "a:b:c:d"], ["a:b"]),
        ("a*a", ["aa", "aba", "aaa"], ["a", "ab"]),
        ("*a*b*", ["ab", "xaybz", "aab"], ["ba", "a", "b"]),
        ("a*b*b", ["abb", "axbyb"], ["ab", "axb", "abba"]),
        ("doc**:1", ["doc:1", "docs:1"], ["dog:1"]),
    ],
)
def test_a_star_stays_within_its_segment_unless_it_is_the_last(
    pattern: str, fitting: list[str], others: list[str]
) -> None:
    read = parse_action(pattern, "actions.0")
    assert [text for text in fitting if not read.matches(text)] == []
    assert [text for text in others if read.matches(text)] == []


SEGMENTS = st.text(alphabet="ab_", min_size=1, max_size=6)
STARRED = st.text(alphabet="ab_*", min_size=1, max_size=6)


@settings(max_examples=500)
@given(
    pattern=st.lists(STARRED, min_size=1, max_size=3),
    text=st.lists(SEGMENTS, min_size=1, max_size=4),
)
def test_matching_by_hand_says_what_a_regular_expression_says(
    pattern: list[str], text: list[str]
) -> None:
    expressions = [
        "".join("[^:]*" if letter == "*" else re.escape(letter) for letter in part)
        for part in pattern
    ]
    if pattern[-1] == "*":
        expressions[-1] = ".+"
    expected = re.fullmatch(":".join(expressions), ":".join(text)) is not None
    assert Pattern(":".join(pattern)).matches(":".join(text)) is expected


@given(text=st.lists(SEGMENTS, min_size=1, max_size=4))
def test_every_text_fits_itself_and_the_star(text: list[str]) -> None:
    joined = ":".join(text)
    assert Pattern(joined).matches(joined)
    assert Pattern("*").matches(joined)


def test_many_stars_are_no_burden() -> None:
    pattern = Pattern("*a" * 200 + "b")
    assert not pattern.matches("a" * 50_000)


@pytest.mark.parametrize("text", ["", "a::b", ":a", "a:", "a b", "a\tb", "a\x00b", "\n"])
def test_segments_are_neither_empty_nor_spaced(text: str) -> None:
    with pytest.raises(PolicyError):
        parse_action(text, "actions.0")


@pytest.mark.parametrize("text", ["document", "doc*", ""])
def test_a_resource_has_a_type_and_an_id(text: str) -> None:
    with pytest.raises(PolicyError):
        parse_resource(text, "resources.0")


@pytest.mark.parametrize("text", ["*", "trading_account:*", "document:a/b@c"])
def test_resources_that_are_fine(text: str) -> None:
    assert parse_resource(text, "resources.0").text == text


@pytest.mark.parametrize(
    "text", ["user:*", "user:usr_1", "role:support", "service:ticker", "device:a:b"]
)
def test_subjects_that_are_fine(text: str) -> None:
    assert parse_subject(text, "subjects.0") == text


@pytest.mark.parametrize(
    "text", ["*", "user", "user:usr_*", "*:usr_1", "role:*", "User:1", "user:", 5]
)
def test_subjects_that_are_not(text: object) -> None:
    with pytest.raises(PolicyError):
        parse_subject(text, "subjects.0")
