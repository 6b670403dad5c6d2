"""Partial evaluation: what a condition demands of an entity that is not known yet."""

from typing import Any

import pytest

from authz.engine.document import parse
from authz.engine.frame import Frame
from authz.engine.narrowing import (
    ANYTHING,
    IMPOSSIBLE,
    MOST_PARTS,
    Both,
    Demand,
    Either,
    Sought,
    Wanted,
    demand_of,
    either,
    with_id,
)
from authz.tests.engine.asking import NOON, policy

ME = {
    "id": "usr_1",
    "memberships": {
        "acc_1": {"permissions": ["read", "trade"]},
        "acc_2": {"permissions": ["read"]},
    },
}


def demand(condition: Any, sought: Sought = "resource", **roots: Any) -> Demand:
    frame = Frame(
        subject=roots.get("subject", ME if sought == "resource" else {}),
        action={"name": "read"},
        resource=roots.get("resource", {}),
        context=roots.get("context", {"level": 3, "groups": ["a", "b"]}),
        now=NOON,
    )
    return demand_of(parse(policy(condition=condition)).condition, frame, sought)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"attr": "context.level", "gte": 2}, ANYTHING),
        ({"attr": "context.level", "gte": 4}, IMPOSSIBLE),
        ({"attr": "context.missing", "eq": 1}, IMPOSSIBLE),
        ({"not": {"attr": "context.missing", "eq": 1}}, IMPOSSIBLE),
        ({"attr": "resource.status", "eq": "active"}, Wanted(("status",), "eq", "active")),
        (
            {"attr": "resource.owner", "eq": {"attr": "subject.id"}},
            Wanted(("owner",), "eq", "usr_1"),
        ),
        (
            {"attr": "subject.id", "eq": {"attr": "resource.owner"}},
            Wanted(("owner",), "eq", "usr_1"),
        ),
        ({"attr": "resource.owner", "eq": {"attr": "subject.name"}}, IMPOSSIBLE),
        ({"attr": "resource.id", "in": ["b", "a"]}, with_id(["a", "b"])),
        (
            {"attr": "resource.readers", "contains": {"attr": "subject.id"}},
            Wanted(("readers",), "contains", "usr_1"),
        ),
        (
            {"attr": "context.groups", "contains": {"attr": "resource.group"}},
            Wanted(("group",), "in", ["a", "b"]),
        ),
        (
            {"attr": "subject.memberships[resource.id].permissions", "contains": "trade"},
            with_id(["acc_1"]),
        ),
        (
            {"attr": "subject.memberships[resource.id].permissions", "contains": "manage"},
            IMPOSSIBLE,
        ),
        ({"attr": "resource.level", "gt": 2}, ANYTHING),
        ({"not": {"attr": "resource.status", "eq": "active"}}, ANYTHING),
        ({"attr": "resource.status", "exists": False}, ANYTHING),
        ({"attr": "resource.one", "eq": {"attr": "resource.two"}}, ANYTHING),
    ],
)
def test_a_condition_demands_as_much_as_can_be_known(condition: Any, expected: Demand) -> None:
    assert demand(condition) == expected


def test_of_a_subject_the_key_of_a_membership_is_known() -> None:
    condition = {"attr": "subject.memberships[resource.id].permissions", "contains": "trade"}
    found = demand(condition, "subject", resource={"id": "acc_1"})
    assert found == Wanted(("memberships", "acc_1", "permissions"), "contains", "trade")


def test_what_is_certain_disappears_and_what_cannot_be_decides() -> None:
    active = {"attr": "resource.status", "eq": "active"}
    true, false = {"attr": "context.level", "eq": 3}, {"attr": "context.level", "eq": 4}
    wanted = Wanted(("status",), "eq", "active")
    assert demand({"all": [true, active]}) == wanted
    assert demand({"all": [false, active]}) is IMPOSSIBLE
    assert demand({"any": [true, active]}) is ANYTHING
    assert demand({"any": [false, active]}) == wanted
    both = demand({"all": [active, {"attr": "resource.id", "eq": "a"}]})
    assert both == Both((wanted, with_id(["a"])))


def test_ids_are_gathered_and_too_many_alternatives_are_no_help() -> None:
    wanted = Wanted(("status",), "eq", "active")
    assert either([with_id(["b"]), wanted, with_id(["a"]), wanted]) == Either(
        (wanted, with_id(["a", "b"]))
    )
    many = [Wanted(("status",), "eq", number) for number in range(MOST_PARTS + 1)]
    assert either(many) is ANYTHING
    assert either([]) is IMPOSSIBLE
