"""What an operator is, and how literals are checked."""

from collections.abc import Callable
from typing import Any, NamedTuple

from authz.engine import limits, values
from authz.engine.errors import flawed
from authz.engine.outcomes import Outcome

Check = Callable[[Any], Outcome]
Compare = Callable[[Any, Any], Outcome]


class Operator(NamedTuple):
    """`literal(operand, place)` prepares a check once, and raises PolicyError for a literal that cannot be one.

    `dynamic(value, other)` compares with the value of another attribute; None where only a literal will do.
    """

    literal: Callable[[Any, str], Check]
    dynamic: Compare | None = None


def scalar(operand: Any, where: str) -> Any:
    """A literal string, number or boolean. Raises PolicyError."""
    if values.kind_of(operand) is None:
        raise flawed(where, "type", "Must be a string, a number, true or false.")
    if isinstance(operand, str):
        return text(operand, where)
    return operand


def scalars(operand: Any, where: str) -> tuple[str, frozenset[Any]]:
    """The type and the members of a literal list: not empty, all of one type. Raises PolicyError."""
    members = items(operand, where)
    first = values.kind_of(scalar(members[0], f"{where}.0"))
    for index, item in enumerate(members):
        if values.kind_of(scalar(item, f"{where}.{index}")) is not first:
            raise flawed(f"{where}.{index}", "type", "The elements of a list are of one type.")
    return str(first), frozenset(members)


def items(operand: Any, where: str) -> list[Any]:
    """A literal list with something in it. Raises PolicyError."""
    if not isinstance(operand, list) or not operand:
        raise flawed(where, "type", "Must be a list with at least one element.")
    if len(operand) > limits.LIST_LENGTH:
        raise flawed(where, "length", f"At most {limits.LIST_LENGTH} elements.")
    return operand


def text(operand: Any, where: str) -> str:
    """A literal string. Raises PolicyError."""
    if not isinstance(operand, str):
        raise flawed(where, "type", "Must be a string.")
    if len(operand) > limits.TEXT_LENGTH:
        raise flawed(where, "length", f"At most {limits.TEXT_LENGTH} characters.")
    return operand


def members(operand: Any, where: str, *, allowed: frozenset[str]) -> dict[str, Any]:
    """A literal object with exactly these members. Raises PolicyError."""
    if not isinstance(operand, dict):
        raise flawed(where, "type", f"Must be an object with {', '.join(sorted(allowed))}.")
    if odd := sorted(set(operand) ^ allowed):
        code = "unknown" if odd[0] in operand else "required"
        raise flawed(f"{where}.{odd[0]}", code, f"The members are {', '.join(sorted(allowed))}.")
    return operand
