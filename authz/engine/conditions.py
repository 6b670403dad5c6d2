"""Conditions: a tree of `all`, `any`, `not` and tests, as data and as closures."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from authz.engine.frame import Frame
from authz.engine.operators import EXISTS, OPERATORS, Check, Compare
from authz.engine.outcomes import Outcome, Unknown, negate
from authz.engine.paths import AttributePath, Getter, compile_path

Evaluate = Callable[[Frame], Outcome]


@dataclass(frozen=True, slots=True)
class Test:
    """`operand` is a literal that its operator accepts, or the path of another attribute."""

    path: AttributePath
    operator: str
    operand: Any


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Condition"


Condition = Test | AllOf | AnyOf | Not

# What stands around the evaluation of a node: its place in the tree, the node, and how it is evaluated.
Wrap = Callable[[str, Condition, Evaluate], Evaluate]


def unwrapped(place: str, condition: Condition, evaluate: Evaluate) -> Evaluate:
    """The wrap of those who want the outcome alone."""
    return evaluate


def compile_condition(
    condition: Condition, *, wrap: Wrap = unwrapped, place: str = "condition"
) -> Evaluate:
    """A function that says what the condition comes to for a frame.

    Parts are looked at in order, and no further than the outcome is settled. To compile a tree for explanation
    is to `wrap` what this returns for each node: the evaluation itself is the same.
    """

    def part_of(part: Condition, step: str) -> Evaluate:
        return compile_condition(part, wrap=wrap, place=f"{place}.{step}")

    match condition:
        case Test():
            return wrap(place, condition, _compile_test(condition))
        case AllOf(parts):
            all_parts = [part_of(part, f"all.{index}") for index, part in enumerate(parts)]
            return wrap(place, condition, _all(all_parts))
        case AnyOf(parts):
            any_parts = [part_of(part, f"any.{index}") for index, part in enumerate(parts)]
            return wrap(place, condition, _any(any_parts))
        case Not(part):
            return wrap(place, condition, _not(part_of(part, "not")))


def paths(condition: Condition) -> Iterator[AttributePath]:
    """Every attribute path that the condition looks at."""
    match condition:
        case Test(path, _, operand):
            yield path
            if isinstance(operand, AttributePath):
                yield operand
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from paths(part)
        case Not(part):
            yield from paths(part)


def _all(parts: list[Evaluate]) -> Evaluate:
    """`outcomes.all_of` written out: this is the hottest loop of the service."""

    def evaluate(frame: Frame) -> Outcome:
        result: Outcome = True
        for part in parts:
            outcome = part(frame)
            if outcome is False:
                return False
            if outcome is not True:
                result = outcome
        return result

    return evaluate


def _any(parts: list[Evaluate]) -> Evaluate:
    """`outcomes.any_of` written out, as above."""

    def evaluate(frame: Frame) -> Outcome:
        result: Outcome = False
        for part in parts:
            outcome = part(frame)
            if outcome is True:
                return True
            if outcome is not False:
                result = outcome
        return result

    return evaluate


def _not(part: Evaluate) -> Evaluate:
    return lambda frame: negate(part(frame))


def _compile_test(test: Test) -> Evaluate:
    get = compile_path(test.path)
    if test.operator == EXISTS:
        return _existence(get, wanted=test.operand)
    operator = OPERATORS[test.operator]
    if isinstance(test.operand, AttributePath):
        assert operator.dynamic is not None  # noqa: S101 - the parser refuses a path where only a literal will do
        return _comparison(get, operator.dynamic, compile_path(test.operand))
    return _check(get, operator.literal(test.operand, ""))


def _existence(get: Getter, *, wanted: bool) -> Evaluate:
    """Absence is an answer here; a path that runs through something of the wrong type is still unknown."""

    def evaluate(frame: Frame) -> Outcome:
        value = get(frame)
        if value is Unknown.WRONG_TYPE:
            return Unknown.WRONG_TYPE
        return (value is not Unknown.MISSING) is wanted

    return evaluate


def _check(get: Getter, check: Check) -> Evaluate:
    def evaluate(frame: Frame) -> Outcome:
        value = get(frame)
        if value.__class__ is Unknown:
            unknown: Unknown = value
            return unknown
        return check(value)

    return evaluate


def _comparison(get: Getter, compare: Compare, get_other: Getter) -> Evaluate:
    def evaluate(frame: Frame) -> Outcome:
        value = get(frame)
        other = get_other(frame)
        for one in (value, other):
            if one.__class__ is Unknown:
                unknown: Unknown = one
                return unknown
        return compare(value, other)

    return evaluate
