"""Every operator's table: what it says, and where it says nothing."""

from datetime import UTC, datetime
from typing import Any

import pytest

from authz.engine.outcomes import Unknown
from authz.tests.engine.asking import outcome

WRONG = Unknown.WRONG_TYPE
MISSING = Unknown.MISSING


def literally(value: Any, operator: str, operand: Any) -> Any:
    """`resource.it` holds `value`; `{"attr": "resource.other"}` would be another attribute."""
    return outcome({"attr": "resource.it", operator: operand}, resource={"it": value})


def against(value: Any, operator: str, other: Any) -> Any:
    """The same with the operand in another attribute."""
    return outcome(
        {"attr": "resource.it", operator: {"attr": "resource.other"}},
        resource={"it": value, "other": other},
    )


EQUALITY = [
    ("active", "active", True),
    ("active", "closed", False),
    ("1", 1, WRONG),
    (1, "1", WRONG),
    (1, 1.0, True),
    (1, True, WRONG),
    (True, 1, WRONG),
    (0, False, WRONG),
    (False, False, True),
    ([], "", WRONG),
    ({}, "a", WRONG),
    ("é", "é", True),
]


@pytest.mark.parametrize(("value", "operand", "expected"), EQUALITY)
def test_eq_and_ne_compare_scalars_of_one_type(value: Any, operand: Any, expected: Any) -> None:
    opposite = expected if expected is WRONG else not expected
    for ask in (literally, against):
        assert ask(value, "eq", operand) is expected
        assert ask(value, "ne", operand) is opposite


EARLY, LATE = "2026-11-23T12:00:00Z", "2026-11-23T18:00:00+05:30"

ORDER = [
    (1, 2, {"lt", "lte"}),
    (2, 2, {"lte", "gte"}),
    (2.5, 2, {"gt", "gte"}),
    (EARLY, LATE, {"lt", "lte"}),
    (EARLY, "2026-11-23T17:30:00+05:30", {"lte", "gte"}),
    (EARLY, "2026-11-23T11:59:59.999Z", {"gt", "gte"}),
]
NO_ORDER = [
    ("1", 2),
    (True, 2),
    ("a", EARLY),
    (EARLY, 2),
    (2, EARLY),
    ("2026-11-23", EARLY),
    ("2026-11-23T12:00:00", EARLY),
    ("2026-02-30T12:00:00Z", EARLY),
    ("٢٠٢٦-11-23T12:00:00Z", EARLY),
    ([], 2),
]


@pytest.mark.parametrize(("value", "operand", "holding"), ORDER)
def test_order_is_of_numbers_and_of_moments(value: Any, operand: Any, holding: set[str]) -> None:
    for ask in (literally, against):
        told = {name for name in ("lt", "lte", "gt", "gte") if ask(value, name, operand) is True}
        assert told == holding


@pytest.mark.parametrize(("value", "operand"), NO_ORDER)
def test_what_has_no_order_is_unknown(value: Any, operand: Any) -> None:
    for ask in (literally, against):
        assert {ask(value, name, operand) for name in ("lt", "lte", "gt", "gte")} == {WRONG}


MEMBERSHIP = [
    ("a", ["a", "b"], True),
    ("c", ["a", "b"], False),
    (1, ["a", "b"], WRONG),
    (True, [1, 2], WRONG),
    (1.0, [1, 2], True),
    (["a"], ["a"], WRONG),
]


@pytest.mark.parametrize(("value", "operand", "expected"), MEMBERSHIP)
def test_in_and_not_in(value: Any, operand: Any, expected: Any) -> None:
    opposite = expected if expected is WRONG else not expected
    for ask in (literally, against):
        assert ask(value, "in", operand) is expected
        assert ask(value, "not_in", operand) is opposite


@pytest.mark.parametrize(
    ("value", "other", "expected"),
    [
        ("a", [], False),
        ("a", ["a", 1], True),
        ("b", ["a", 1], WRONG),
        ("a", "abc", WRONG),
        ("a", {"a": 1}, WRONG),
    ],
)
def test_in_a_list_of_another_attribute(value: Any, other: Any, expected: Any) -> None:
    assert against(value, "in", other) is expected


CONTAINING = [
    (["read", "trade"], "trade", True),
    (["read"], "trade", False),
    ([], "trade", False),
    (frozenset({"read", "trade"}), "trade", True),
    ([1, 2], 2, True),
    ([1, True], True, True),
    ([1], True, WRONG),
    (["trade", 1], "trade", True),
    (["read", 1], "trade", WRONG),
    (["read", ["trade"]], "trade", WRONG),
    ("trade", "trade", WRONG),
    ({"trade": 1}, "trade", WRONG),
]


@pytest.mark.parametrize(("value", "operand", "expected"), CONTAINING)
def test_contains(value: Any, operand: Any, expected: Any) -> None:
    for ask in (literally, against):
        assert ask(value, "contains", operand) is expected


@pytest.mark.parametrize(
    ("value", "operand", "any_expected", "all_expected"),
    [
        (["a", "b", "c"], ["a", "c"], True, True),
        (["a", "b"], ["a", "c"], True, False),
        (["b"], ["a", "c"], False, False),
        ([], ["a"], False, False),
        (["a", 1], ["a", "c"], True, WRONG),
        ([1], ["a"], WRONG, WRONG),
        ("abc", ["a"], WRONG, WRONG),
    ],
)
def test_contains_any_and_contains_all(
    value: Any, operand: Any, any_expected: Any, all_expected: Any
) -> None:
    for ask in (literally, against):
        assert ask(value, "contains_any", operand) is any_expected
        assert ask(value, "contains_all", operand) is all_expected


@pytest.mark.parametrize(
    ("value", "other", "any_expected", "all_expected"),
    [
        (["a"], [], False, True),
        (["a"], [["a"]], WRONG, WRONG),
        (["a"], ["a", ["b"]], True, WRONG),
        (["a"], ["b", ["b"]], WRONG, False),
        (["a"], "a", WRONG, WRONG),
    ],
)
def test_the_lists_of_two_attributes(
    value: Any, other: Any, any_expected: Any, all_expected: Any
) -> None:
    assert against(value, "contains_any", other) is any_expected
    assert against(value, "contains_all", other) is all_expected


@pytest.mark.parametrize(
    ("value", "operand", "starts", "ends"),
    [
        ("abc", "ab", True, False),
        ("abc", "bc", False, True),
        ("abc", "", True, True),
        ("", "a", False, False),
        (5, "a", WRONG, WRONG),
        (["a"], "a", WRONG, WRONG),
    ],
)
def test_starts_with_and_ends_with(value: Any, operand: Any, starts: Any, ends: Any) -> None:
    for ask in (literally, against):
        assert ask(value, "starts_with", operand) is starts
        assert ask(value, "ends_with", operand) is ends


def test_an_affix_that_is_no_string_is_unknown() -> None:
    assert against("abc", "starts_with", 1) is WRONG


@pytest.mark.parametrize(
    ("value", "operand", "expected"),
    [
        ("INE123", r"IN[A-Z]\d{3}", True),
        ("xINE123", r"IN[A-Z]\d{3}", False),
        ("INE123\n", r"IN[A-Z]\d{3}", False),
        ("नमस्ते", r"\p{Devanagari}+", True),
        ("", "", True),
        (5, ".*", WRONG),
        ("\ud800", ".*", WRONG),
        ("a" * 1024, ".*", True),
        ("a" * 1025, ".*", WRONG),
    ],
)
def test_matches_is_about_the_whole_value(value: Any, operand: str, expected: Any) -> None:
    assert literally(value, "matches", operand) is expected


@pytest.mark.parametrize(
    ("value", "operand", "expected"),
    [
        ("203.0.113.7", ["203.0.113.0/24"], True),
        ("203.0.114.7", ["203.0.113.0/24", "203.0.114.0/24"], True),
        ("198.51.100.1", ["203.0.113.0/24"], False),
        ("::ffff:203.0.113.7", ["203.0.113.0/24"], True),
        ("2001:db8::1", ["2001:db8::/32"], True),
        ("2001:db8::1", ["203.0.113.0/24"], False),
        ("203.0.113.7", ["203.0.113.7"], True),
        ("203.0.113", ["203.0.113.0/24"], WRONG),
        ("203.0.113.007", ["203.0.113.0/24"], WRONG),
        (3405803783, ["203.0.113.0/24"], WRONG),
    ],
)
def test_in_network(value: Any, operand: list[str], expected: Any) -> None:
    for ask in (literally, against):
        assert ask(value, "in_network", operand) is expected


@pytest.mark.parametrize(
    "networks", ["203.0.113.0/24", ["nowhere"], ["203.0.113.0/24", 5], ["203.0.113.1/24"]]
)
def test_networks_of_another_attribute_that_are_none_are_unknown(networks: Any) -> None:
    assert against("203.0.113.7", "in_network", networks) is WRONG


HOURS = {"from": "09:15", "to": "15:30", "timezone": "Asia/Kolkata"}
NIGHT = {"from": "23:30", "to": "06:00:30", "timezone": "UTC"}


@pytest.mark.parametrize(
    ("value", "operand", "expected"),
    [
        ("2026-11-23T03:45:00Z", HOURS, True),
        ("2026-11-23T03:44:59.999999Z", HOURS, False),
        ("2026-11-23T15:29:59+05:30", HOURS, True),
        ("2026-11-23T15:30:00+05:30", HOURS, False),
        ("2026-11-23T23:30:00Z", NIGHT, True),
        ("2026-11-23T06:00:29Z", NIGHT, True),
        ("2026-11-23T06:00:30Z", NIGHT, False),
        ("09:30", HOURS, WRONG),
        ("2026-11-23T09:30:00", HOURS, WRONG),
        ("9999-12-31T23:59:59Z", HOURS, WRONG),
        (5, HOURS, WRONG),
    ],
)
def test_between_times(value: Any, operand: Any, expected: Any) -> None:
    assert literally(value, "between_times", operand) is expected


@pytest.mark.parametrize(
    ("value", "zone", "expected"),
    [
        ("2026-11-23T12:00:00Z", "UTC", True),
        ("2026-11-22T18:30:00Z", "Asia/Kolkata", True),
        ("2026-11-22T18:29:59Z", "Asia/Kolkata", False),
        ("2026-11-24T00:00:00Z", "UTC", False),
        ("monday", "UTC", WRONG),
    ],
)
def test_weekday_in(value: Any, zone: str, expected: Any) -> None:
    assert literally(value, "weekday_in", {"days": ["mon"], "timezone": zone}) is expected


@pytest.mark.parametrize(
    ("resource", "exists", "absent"),
    [
        ({"it": "a"}, True, False),
        ({"it": False}, True, False),
        ({"it": []}, True, False),
        ({"it": None}, False, True),
        ({}, False, True),
    ],
)
def test_exists_has_an_answer_for_what_is_missing(
    resource: dict[str, Any], exists: bool, absent: bool
) -> None:
    assert outcome({"attr": "resource.it", "exists": True}, resource=resource) is exists
    assert outcome({"attr": "resource.it", "exists": False}, resource=resource) is absent


def test_exists_is_unknown_behind_something_that_is_no_object() -> None:
    for wanted in (True, False):
        condition = {"attr": "resource.it.deeper", "exists": wanted}
        assert outcome(condition, resource={"it": "text"}) is WRONG


LITERALS: dict[str, Any] = {
    **dict.fromkeys(("eq", "ne", "contains", "starts_with", "ends_with", "matches"), "a"),
    **dict.fromkeys(("lt", "lte", "gt", "gte"), 1),
    **{name: ["a"] for name in ("in", "not_in", "contains_any", "contains_all")},
    "in_network": ["203.0.113.0/24"],
    "between_times": HOURS,
    "weekday_in": {"days": ["mon"], "timezone": "UTC"},
}


@pytest.mark.parametrize("operator", sorted(LITERALS))
@pytest.mark.parametrize("resource", [{}, {"it": None}])
def test_a_missing_attribute_is_unknown_to_every_operator(
    operator: str, resource: dict[str, Any]
) -> None:
    condition = {"attr": "resource.it", operator: LITERALS[operator]}
    assert outcome(condition, resource=resource) is MISSING


def test_either_side_may_be_missing() -> None:
    condition = {"attr": "resource.owner", "eq": {"attr": "subject.id"}}
    assert outcome(condition, resource={"owner": "usr_1"}) is MISSING
    assert outcome(condition, subject={"id": "usr_1"}) is MISSING
    assert outcome(condition, subject={"id": "usr_1"}, resource={"owner": "usr_1"}) is True


def test_the_clock_is_the_servers() -> None:
    condition = {"attr": "env.now", "gte": "2027-01-01T00:00:00Z"}
    assert outcome(condition, now=datetime(2027, 1, 1, tzinfo=UTC)) is True
    assert outcome(condition, now=datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) is False
