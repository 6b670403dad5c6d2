"""Attribute paths: what is read, and where reading stops."""

from typing import Any

import pytest

from authz.engine.errors import PolicyError
from authz.engine.frame import Frame
from authz.engine.outcomes import Unknown
from authz.engine.paths import compile_path, parse
from authz.tests.engine.asking import NOON

SUBJECT = {
    "id": "usr_1",
    "memberships": {"acc_1": {"permissions": ["read"]}, "with space": 1, 'quo"te': 2},
    "text": "flat",
    "nothing": None,
    "best": "acc_1",
    "number": 7,
}


def value(path: str) -> Any:
    frame = Frame(
        subject=SUBJECT,
        action={"name": "trade:place_order"},
        resource={"id": "acc_1", "key": "best"},
        context={"order value": 10},
        now=NOON,
    )
    return compile_path(parse(path, "attr"))(frame)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("subject.id", "usr_1"),
        ("action.name", "trade:place_order"),
        ("env.now", "2026-11-23T12:00:00Z"),
        ("subject.memberships[resource.id].permissions", ["read"]),
        ("subject.memberships[subject[resource.key]].permissions", ["read"]),
        ('subject.memberships["with space"]', 1),
        (r'subject.memberships["quo\"te"]', 2),
        ('context["order value"]', 10),
        ("subject.absent", Unknown.MISSING),
        ("subject.nothing", Unknown.MISSING),
        ("subject.nothing.deeper", Unknown.MISSING),
        ("subject.memberships[resource.absent]", Unknown.MISSING),
        ('subject.memberships["acc_2"].permissions', Unknown.MISSING),
        ("subject.text.deeper", Unknown.WRONG_TYPE),
        ("subject.memberships[subject.number]", Unknown.WRONG_TYPE),
        ("subject.absent[subject.number]", Unknown.WRONG_TYPE),
        ("subject.text[resource.absent]", Unknown.WRONG_TYPE),
        ("subject.memberships[resource.id].permissions.deeper", Unknown.WRONG_TYPE),
    ],
)
def test_a_path_leads_to_a_value_or_to_why_there_is_none(path: str, expected: Any) -> None:
    assert value(path) == expected


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("subject", "syntax"),
        ("", "syntax"),
        ("subject.", "syntax"),
        ("subject..id", "syntax"),
        ("subject.1", "syntax"),
        ("subject.id ", "syntax"),
        ("subject.a-b", "syntax"),
        ("subject[", "syntax"),
        ("subject[resource.id", "syntax"),
        ('subject["open', "syntax"),
        (r'subject["\x"]', "syntax"),
        ("subject['a']", "syntax"),
        ("subject[resource]", "syntax"),
        ("principal.id", "unknown"),
        ("env.weather", "unknown"),
        ("env.now.year", "unknown"),
        ("subject[resource[context[action[subject.a]]]]", "length"),
        ("subject" + ".a" * 9, "length"),
        ("subject." + "a" * 300, "length"),
        (5, "type"),
        (None, "type"),
    ],
)
def test_what_is_no_path_is_refused(path: Any, code: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse(path, "condition.attr")
    (flaw,) = caught.value.flaws
    assert (flaw.path, flaw.code) == ("condition.attr", code)


def test_a_path_knows_whether_the_clock_moves_it() -> None:
    assert parse("env.now", "").uses_clock
    assert parse("context[env.now]", "").uses_clock
    assert not parse("context.now", "").uses_clock
