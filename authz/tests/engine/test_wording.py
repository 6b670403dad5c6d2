"""Each operator has a sentence, whatever comes of it."""

from typing import Any

import pytest

from authz.engine.document import parse
from authz.engine.explain import explain
from authz.engine.frame import Entity
from authz.engine.operators import EXISTS, OPERATORS
from authz.engine.phrases import PHRASES
from authz.engine.policyset import PolicySet
from authz.engine.wording import Narrator
from authz.tests.engine.asking import NOON, policy

HOURS = {"from": "09:15", "to": "15:30", "timezone": "UTC"}
DAYS = {"days": ["mon", "tue"], "timezone": "UTC"}


def sentence(condition: dict[str, Any], **resource: Any) -> str:
    explained = explain(
        PolicySet.build([parse(policy(condition=condition))]),
        subject=Entity.known("user:usr_1", {"team": "red"}),
        action="read",
        resource=Entity.known("trading_account:acc_1", resource),
        context={},
        now=NOON,
    )
    tree = explained.policies[0].condition
    assert tree is not None
    return Narrator(subject_type="user", resource_type="trading_account").test(tree)


def of(operator: str, operand: Any) -> dict[str, Any]:
    return {"attr": "resource.a", operator: operand}


@pytest.mark.parametrize(
    ("condition", "value", "expected"),
    [
        (of("eq", "x"), "x", "is x, as the policy wants."),
        (of("eq", "x"), "y", "is y, and the policy wants x."),
        (of("eq", True), False, "is false, and the policy wants true."),
        (of("ne", "x"), "y", "is y, which is not x."),
        (of("ne", "x"), "x", "is x, and the policy wants anything else."),
        (of("lt", 5), 4, "is 4, which is less than 5."),
        (of("lte", 5), 6, "is 6, and the policy wants at most 5."),
        (of("gt", 5), 6, "is 6, which is more than 5."),
        (of("gte", 5), 4, "is 4, and the policy wants at least 5."),
        (of("in", ["x", "y"]), "z", "is z, and the policy wants one of x, y."),
        (of("in", ["a", "b", "c", "d"]), "a", "is a, which is one of a, b, c, …."),
        (of("not_in", ["x"]), "x", "is x, and the policy wants none of x."),
        (of("contains", "x"), ["x", "y"], "is x, y, with x in it."),
        (of("contains", "x"), [], "is an empty list, and the policy wants x in it."),
        (of("contains_any", ["x"]), ["y"], "is y, and the policy wants at least one of x."),
        (of("contains_all", ["x"]), ["x"], "is x, with all of x."),
        (of("starts_with", "x"), "xy", "is xy, which starts with x."),
        (of("ends_with", "x"), "", "is “”, and the policy wants it to end with x."),
        (of("matches", "a+"), "b", "is b, and the policy wants it to match a+."),
        (
            of("in_network", ["10.0.0.0/8"]),
            "203.0.113.7",
            "is 203.0.113.7, and the policy wants an address in 10.0.0.0/8.",
        ),
        (of("exists", True), 1, "is known, as the policy wants."),
        (of("exists", False), 1, "is known, and the policy wants that it is not."),
        (
            of("eq", {"attr": "subject.team"}),
            "blue",
            "is blue, and the policy wants the person's team, which is red.",
        ),
        (of("eq", 5), "5", "is 5, which is a string, and the policy needs a number there."),
        (of("eq", "5"), [5], "is 5, which is a list, and the policy needs a string there."),
    ],
)
def test_what_is_known_is_said(condition: dict[str, Any], value: Any, expected: str) -> None:
    assert sentence(condition, a=value) == f"The account's a {expected}"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (of("eq", 1), "Nothing is known of resource.a."),
        (of("exists", True), "Nothing is known of resource.a, and the policy wants it."),
        (of("exists", False), "Nothing is known of resource.a, as the policy wants."),
        (of("eq", {"attr": "context.b"}), "Nothing is known of resource.a."),
        (
            {"attr": "resource.map[subject.team]", "eq": 1},
            "There is no red among the account's map: "
            "nothing is known of resource.map[subject.team].",
        ),
        (
            {"attr": "resource.word.b", "eq": 1},
            "In the account's word nothing can be looked up, for it is no object: "
            "nothing is known of resource.word.b.",
        ),
        (
            {"attr": "resource.map[context.none]", "eq": 1},
            "Nothing is known of resource.map[context.none].",
        ),
        (
            {"attr": "env.now", "between_times": HOURS},
            "The time is 2026-11-23T12:00:00Z, which lies between 09:15 and 15:30 in UTC.",
        ),
        (
            {"attr": "env.now", "weekday_in": DAYS},
            "The time is 2026-11-23T12:00:00Z, which is on mon, tue in UTC.",
        ),
    ],
)
def test_what_is_missing_is_said(condition: dict[str, Any], expected: str) -> None:
    assert sentence(condition, map={"blue": 1}, word="x") == expected


def test_no_operator_is_without_words() -> None:
    assert {*PHRASES, EXISTS} == {*OPERATORS, EXISTS}


def test_two_of_a_kind_are_told_apart() -> None:
    narrator = Narrator(subject_type="user", resource_type="user")
    explained = explain(
        PolicySet.build([parse(policy(condition={"attr": "resource.status", "eq": "x"}))]),
        subject=Entity.known("user:usr_1", {}),
        action="read",
        resource=Entity.known("user:usr_2", {"status": "y"}),
        context={},
        now=NOON,
    )
    tree = explained.policies[0].condition
    assert tree is not None
    assert narrator.test(tree) == "The resource's status is y, and the policy wants x."
