"""`all`, `any` and `not` over what is true, false and unknown."""

from typing import Any

import pytest

from authz.engine.outcomes import Unknown
from authz.tests.engine.asking import outcome

YES = {"attr": "resource.it", "eq": 1}
NO = {"attr": "resource.it", "eq": 2}
MAYBE = {"attr": "resource.other", "eq": 1}
ODD = {"attr": "resource.it", "eq": "1"}
RESOURCE = {"it": 1}


def come_to(condition: dict[str, Any]) -> Any:
    return outcome(condition, resource=RESOURCE)


@pytest.mark.parametrize(
    ("parts", "every", "some"),
    [
        ([YES], True, True),
        ([NO], False, False),
        ([MAYBE], Unknown.MISSING, Unknown.MISSING),
        ([YES, NO], False, True),
        ([NO, YES], False, True),
        ([YES, MAYBE], Unknown.MISSING, True),
        ([MAYBE, YES], Unknown.MISSING, True),
        ([NO, MAYBE], False, Unknown.MISSING),
        ([MAYBE, NO], False, Unknown.MISSING),
        ([ODD, YES], Unknown.WRONG_TYPE, True),
    ],
)
def test_kleenes_tables(parts: list[dict[str, Any]], every: Any, some: Any) -> None:
    assert come_to({"all": parts}) is every
    assert come_to({"any": parts}) is some


def test_not_turns_what_is_known_and_leaves_what_is_not() -> None:
    assert come_to({"not": YES}) is False
    assert come_to({"not": NO}) is True
    assert come_to({"not": MAYBE}) is Unknown.MISSING
    assert come_to({"not": {"not": {"not": NO}}}) is True


def test_trees_nest() -> None:
    tree = {"all": [{"any": [NO, {"not": NO}]}, {"not": {"all": [YES, NO]}}]}
    assert come_to(tree) is True
