"""`eq ne` on scalars of one type, `lt lte gt gte` on numbers and on times."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from authz.engine import values
from authz.engine.errors import flawed
from authz.engine.operators.base import Check, Operator, scalar
from authz.engine.outcomes import Outcome, Unknown, negate


def _equal_to(operand: Any, where: str) -> Check:
    wanted = scalar(operand, where)
    kind, kinds = values.kind_of(wanted), values.KINDS

    def check(value: Any) -> Outcome:
        if kinds.get(value.__class__) is not kind:
            return Unknown.WRONG_TYPE
        return bool(value == wanted)

    return check


def _different_from(operand: Any, where: str) -> Check:
    same = _equal_to(operand, where)
    return lambda value: negate(same(value))


def _ordered(holds: Callable[[Any, Any], bool]) -> Operator:
    def compare(one: values.Orderable | None, other: values.Orderable | None) -> Outcome:
        if one is None or other is None:
            return Unknown.WRONG_TYPE
        if isinstance(one, datetime) is not isinstance(other, datetime):
            return Unknown.WRONG_TYPE
        return holds(one, other)

    def literal(operand: Any, where: str) -> Check:
        bound = values.orderable(operand)
        if bound is None:
            raise flawed(where, "type", "Must be a number or an RFC 3339 time with its offset.")
        return lambda value: compare(values.orderable(value), bound)

    def dynamic(value: Any, other: Any) -> Outcome:
        return compare(values.orderable(value), values.orderable(other))

    return Operator(literal, dynamic)


EQUAL = Operator(_equal_to, values.equal)
DIFFERENT = Operator(_different_from, lambda value, other: negate(values.equal(value, other)))
LESS = _ordered(lambda one, other: one < other)
LESS_OR_EQUAL = _ordered(lambda one, other: one <= other)
GREATER = _ordered(lambda one, other: one > other)
GREATER_OR_EQUAL = _ordered(lambda one, other: one >= other)
