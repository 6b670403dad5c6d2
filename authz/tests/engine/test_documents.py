"""What a policy document may say, and how it is told what it may not."""

from typing import Any

import pytest

from authz.engine.document import parse
from authz.engine.errors import PolicyError
from authz.tests.engine.asking import policy

TEST = {"attr": "resource.status", "eq": "active"}


def flaws_of(document: Any) -> list[tuple[str, str]]:
    with pytest.raises(PolicyError) as caught:
        parse(document)
    return [(flaw.path, flaw.code) for flaw in caught.value.flaws]


def test_a_whole_document_is_read() -> None:
    document = parse(
        policy(
            description="Everything.",
            priority=-5,
            condition={"all": [TEST, {"not": TEST}]},
            obligations={"max": 5},
            enabled=False,
        )
    )
    assert (document.name, document.effect, document.priority) == ("open-house", "allow", -5)
    assert document.obligations == {"max": 5}
    assert not document.enabled


def test_what_is_left_out_has_a_default() -> None:
    document = parse(policy())
    assert (document.description, document.priority, document.condition) == ("", 0, None)
    assert (document.obligations, document.enabled) == ({}, True)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": "Open House"}, ("name", "syntax")),
        ({"name": "a" * 101}, ("name", "syntax")),
        ({"name": "a-"}, ("name", "syntax")),
        ({"name": 5}, ("name", "type")),
        ({"description": 5}, ("description", "type")),
        ({"description": "a" * 1001}, ("description", "length")),
        ({"effect": "permit"}, ("effect", "unknown")),
        ({"effect": ["allow"]}, ("effect", "unknown")),
        ({"priority": True}, ("priority", "type")),
        ({"priority": 1.0}, ("priority", "type")),
        ({"priority": 1001}, ("priority", "range")),
        ({"enabled": 1}, ("enabled", "type")),
        ({"obligations": []}, ("obligations", "type")),
        ({"subjects": []}, ("subjects", "type")),
        ({"subjects": "user:*"}, ("subjects", "type")),
        ({"subjects": ["user:*", "*"]}, ("subjects.1", "syntax")),
        ({"actions": ["a"] * 101}, ("actions", "length")),
        ({"actions": [5]}, ("actions.0", "type")),
        ({"resources": ["a" * 513]}, ("resources.0", "length")),
        ({"colour": "red"}, ("colour", "unknown")),
        ({"description": "a" * 70_000}, ("", "length")),
        ({"obligations": {"max": float("nan")}}, ("", "type")),
        ({"obligations": {"max": {1, 2}}}, ("", "type")),
        ({"obligations": {"max": [2**63]}}, ("", "range")),
        ({"obligations": {"max": {"a\x00": 1}}}, ("", "syntax")),
        ({"description": "\ud800"}, ("", "syntax")),
        (
            {
                "subjects": [f"user:{n}" for n in range(100)],
                "actions": [f"a{n}" for n in range(100)],
            }
            | {"resources": ["*", "a:*"]},
            ("", "length"),
        ),
    ],
)
def test_a_flaw_names_its_place(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert flaws_of(policy(**changes)) == [expected]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ([], ("condition", "type")),
        (None, ("condition", "type")),
        ({}, ("condition", "required")),
        ({"attr": "resource.a"}, ("condition", "required")),
        ({"eq": 1}, ("condition", "required")),
        ({"attr": "resource.a", "eq": 1, "ne": 2}, ("condition", "required")),
        ({"attr": "resource.a", "equals": 1}, ("condition.equals", "unknown")),
        ({"attr": "nowhere.a", "eq": 1}, ("condition.attr", "unknown")),
        ({"all": []}, ("condition.all", "type")),
        ({"all": TEST}, ("condition.all", "type")),
        ({"all": [TEST], "any": [TEST]}, ("condition", "unknown")),
        ({"not": TEST, "eq": 1}, ("condition", "unknown")),
        ({"not": [TEST]}, ("condition.not", "type")),
        (
            {"all": [TEST, {"any": [{"attr": "a", "eq": 1}]}]},
            ("condition.all.1.any.0.attr", "unknown"),
        ),
        ({"attr": "resource.a", "eq": None}, ("condition.eq", "type")),
        ({"attr": "resource.a", "eq": [1]}, ("condition.eq", "type")),
        ({"attr": "resource.a", "eq": {"attr": "resource.b", "x": 1}}, ("condition.eq", "unknown")),
        ({"attr": "resource.a", "eq": {"attr": "b"}}, ("condition.eq.attr", "unknown")),
        ({"attr": "resource.a", "eq": "a" * 1025}, ("condition.eq", "length")),
        ({"attr": "resource.a", "lt": "tomorrow"}, ("condition.lt", "type")),
        ({"attr": "resource.a", "lt": True}, ("condition.lt", "type")),
        ({"attr": "resource.a", "in": "a"}, ("condition.in", "type")),
        ({"attr": "resource.a", "in": []}, ("condition.in", "type")),
        ({"attr": "resource.a", "in": ["a", 1]}, ("condition.in.1", "type")),
        ({"attr": "resource.a", "in": [["a"]]}, ("condition.in.0", "type")),
        ({"attr": "resource.a", "in": ["a"] * 1001}, ("condition.in", "length")),
        ({"attr": "resource.a", "matches": 5}, ("condition.matches", "type")),
        (
            {"attr": "resource.a", "matches": {"attr": "resource.b"}},
            ("condition.matches", "unsupported"),
        ),
        ({"attr": "resource.a", "exists": "yes"}, ("condition.exists", "type")),
        ({"attr": "resource.a", "exists": {"attr": "resource.b"}}, ("condition.exists", "type")),
        ({"attr": "resource.a", "starts_with": 5}, ("condition.starts_with", "type")),
        ({"attr": "context.ip", "in_network": "10.0.0.0/8"}, ("condition.in_network", "type")),
        (
            {"attr": "context.ip", "in_network": ["10.0.0.1/8"]},
            ("condition.in_network.0", "syntax"),
        ),
        ({"attr": "context.ip", "in_network": [5]}, ("condition.in_network.0", "type")),
        ({"attr": "env.now", "between_times": "09:00-10:00"}, ("condition.between_times", "type")),
        (
            {"attr": "env.now", "between_times": {"from": "09:00", "to": "10:00"}},
            ("condition.between_times.timezone", "required"),
        ),
        (
            {"attr": "env.now", "between_times": {"from": "9", "to": "10:00", "timezone": "UTC"}},
            ("condition.between_times.from", "syntax"),
        ),
        (
            {
                "attr": "env.now",
                "between_times": {"from": "09:00", "to": "24:00", "timezone": "UTC"},
            },
            ("condition.between_times.to", "syntax"),
        ),
        (
            {
                "attr": "env.now",
                "between_times": {"from": "09:00", "to": "09:00:00", "timezone": "UTC"},
            },
            ("condition.between_times.to", "range"),
        ),
        (
            {
                "attr": "env.now",
                "between_times": {"from": "09:00", "to": "10:00", "timezone": "IST/Delhi"},
            },
            ("condition.between_times.timezone", "unknown"),
        ),
        (
            {"attr": "env.now", "weekday_in": {"days": ["monday"], "timezone": "UTC"}},
            ("condition.weekday_in.days.0", "unknown"),
        ),
        (
            {"attr": "env.now", "weekday_in": {"days": ["mon"], "timezone": "../etc/passwd"}},
            ("condition.weekday_in.timezone", "unknown"),
        ),
        ({"attr": "resource.a", "matches": "(("}, ("condition.matches", "syntax")),
        ({"attr": "resource.a", "matches": "(?=a)"}, ("condition.matches", "syntax")),
        ({"attr": "resource.a", "matches": "(a)\\1"}, ("condition.matches", "syntax")),
        (
            {"attr": "resource.a", "matches": "((a{1,100}){1,100}){1,100}"},
            ("condition.matches", "syntax"),
        ),
        ({"attr": "resource.a", "matches": "a" * 1025}, ("condition.matches", "length")),
        ({"attr": "resource", "eq": 1}, ("condition.attr", "syntax")),
        ({"attr": "resource.a[b", "eq": 1}, ("condition.attr", "unknown")),
        ({"attr": "resource.a[subject.b", "eq": 1}, ("condition.attr", "syntax")),
        ({"attr": "resource." + "a" * 300, "eq": 1}, ("condition.attr", "length")),
        ({"attr": "resource" + ".a" * 9, "eq": 1}, ("condition.attr", "length")),
        (
            {"attr": "resource[subject[resource[subject[resource.a]]]]", "eq": 1},
            ("condition.attr", "length"),
        ),
        ({"attr": "env.hour", "eq": 1}, ("condition.attr", "unknown")),
        (
            {"attr": "env.now", "weekday_in": {"days": ["mon"], "timezone": "UTC", "x": 1}},
            ("condition.weekday_in.x", "unknown"),
        ),
    ],
)
def test_a_flaw_of_a_condition_names_its_place(condition: Any, expected: tuple[str, str]) -> None:
    assert flaws_of(policy(condition=condition)) == [expected]


def test_all_flaws_are_told_at_once() -> None:
    broken = {
        "name": "a",
        "effect": "maybe",
        "subjects": ["user:*", "nobody"],
        "actions": ["a b"],
        "condition": {"any": [{"attr": "a", "eq": 1}, TEST, {"attr": "resource.a", "eq": {}}]},
        "extra": 1,
    }
    assert [path for path, _ in flaws_of(broken)] == [
        "extra",
        "resources",
        "effect",
        "subjects.1",
        "actions.0",
        "condition.any.0.attr",
        "condition.any.2.eq",
    ]


@pytest.mark.parametrize("source", [[], "policy", None, 5])
def test_a_policy_is_an_object(source: Any) -> None:
    assert flaws_of(source) == [("", "type")]


def test_depth_and_number_of_conditions_are_bounded() -> None:
    deep: dict[str, Any] = TEST
    for _ in range(10):
        deep = {"not": deep}
    assert flaws_of(policy(condition=deep)) == [("condition" + ".not" * 10, "length")]
    wide = {"all": [{"any": [TEST] * 100}] * 5}
    assert ("condition.all.4.any.94", "length") in flaws_of(policy(condition=wide))


@pytest.mark.parametrize(
    "dear",
    [
        {"attr": "resource.text", "matches": "a+"},
        {"attr": "resource.list", "contains_all": {"attr": "resource.list"}},
        {"attr": "resource.list", "contains_any": {"attr": "resource.list"}},
    ],
)
def test_a_condition_holds_few_of_the_tests_that_cost_much(dear: dict[str, Any]) -> None:
    parse(policy(condition={"all": [dear] * 19}))
    assert flaws_of(policy(condition={"all": [dear] * 20})) == [("condition.all.19", "length")]


def test_a_document_that_holds_itself_is_refused() -> None:
    circle: dict[str, Any] = {}
    circle["again"] = circle
    assert flaws_of(policy(obligations=circle)) == [("", "type")]
