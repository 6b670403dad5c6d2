"""`in not_in contains contains_any contains_all`: lists of scalars.

`x in list` is "x equals any of them" under three-valued logic: true when one equals, else unknown when an element is
of another type than x, else false. `contains` says the same from the list's side, `contains_any` and `contains_all`
are the any and the all of it. Sets keep the work linear: both lists may come from a caller.
"""

from collections.abc import Callable, Iterable
from typing import Any

from authz.engine import values
from authz.engine.operators.base import Check, Operator, scalar, scalars
from authz.engine.outcomes import Outcome, Unknown, all_of, any_of, negate

Quantifier = Callable[[Iterable[Outcome]], Outcome]


def _one_of(operand: Any, where: str) -> Check:
    kind, members = scalars(operand, where)

    def check(value: Any) -> Outcome:
        if values.kind_of(value) != kind:
            return Unknown.WRONG_TYPE
        return value in members

    return check


def _none_of(operand: Any, where: str) -> Check:
    found = _one_of(operand, where)
    return lambda value: negate(found(value))


def _contains(operand: Any, where: str) -> Check:
    wanted = scalar(operand, where)
    is_text = isinstance(
        wanted, str
    )  # which equals nothing but a string, so Python's own `in` will do

    def check(value: Any) -> Outcome:
        if is_text and isinstance(value, values.LISTS) and wanted in value:
            return True
        return _holds(value, wanted)

    return check


def _holds(value: Any, item: Any) -> Outcome:
    kind = values.kind_of(item)
    if kind is None or not isinstance(value, values.LISTS):
        return Unknown.WRONG_TYPE
    present, kinds = values.tagged(value)
    return _found((kind, item), present, kinds)


def _found(item: tuple[str, Any], present: set[tuple[str, Any]], kinds: set[str | None]) -> Outcome:
    """`present` and `kinds` are what `values.tagged` says of a list."""
    if item in present:
        return True
    return Unknown.WRONG_TYPE if len(kinds) > 1 or (kinds and item[0] not in kinds) else False


def _containing(quantifier: Quantifier) -> Operator:
    def literal(operand: Any, where: str) -> Check:
        kind, members = scalars(operand, where)
        wanted = [(kind, member) for member in members]
        return lambda value: holds(value, wanted)

    def holds(value: Any, wanted: Iterable[tuple[str, Any]]) -> Outcome:
        if not isinstance(value, values.LISTS):
            return Unknown.WRONG_TYPE
        present, kinds = values.tagged(value)
        return quantifier(_found(item, present, kinds) for item in wanted)

    def dynamic(value: Any, other: Any) -> Outcome:
        if not isinstance(value, values.LISTS) or not isinstance(other, values.LISTS):
            return Unknown.WRONG_TYPE
        wanted, kinds = values.tagged(other)
        incomparable: list[Outcome] = [Unknown.WRONG_TYPE] if None in kinds else []
        return quantifier([holds(value, wanted) if wanted else quantifier(()), *incomparable])

    return Operator(literal, dynamic)


IN = Operator(_one_of, lambda value, other: _holds(other, value))
NOT_IN = Operator(_none_of, lambda value, other: negate(_holds(other, value)))
CONTAINS = Operator(_contains, _holds)
CONTAINS_ANY = _containing(any_of)
CONTAINS_ALL = _containing(all_of)
