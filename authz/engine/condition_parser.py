"""Reading a condition: its shape, its paths, and whether each literal fits its operator."""

from typing import Any

from authz.engine import limits, paths
from authz.engine.conditions import AllOf, AnyOf, Condition, Not, Test
from authz.engine.errors import Flaw, PolicyError, flawed
from authz.engine.operators import EXISTS, OPERATORS
from authz.engine.paths import AttributePath

BRANCHES = ("all", "any", "not")
ATTRIBUTE = "attr"


class ConditionParser:
    """Good for one condition: it counts the nodes."""

    def __init__(self) -> None:
        self._nodes = 0

    def parse(self, source: Any, where: str) -> Condition:
        """Raises PolicyError with every flaw below `where`."""
        return self._node(source, where, depth=1)

    def _node(self, source: Any, where: str, *, depth: int) -> Condition:
        self._count(1, where)
        if depth > limits.CONDITION_DEPTH:
            raise flawed(where, "length", f"Nested deeper than {limits.CONDITION_DEPTH}.")
        if not isinstance(source, dict):
            raise flawed(where, "type", "A condition is an object: all, any, not, or a test.")
        branch = next((name for name in BRANCHES if name in source), None)
        if branch is None:
            return self._test(source, where)
        if len(source) > 1:
            raise flawed(where, "unknown", f"Beside {branch} there is nothing else.")
        if branch == "not":
            return Not(self._node(source["not"], f"{where}.not", depth=depth + 1))
        parts = self._parts(source[branch], f"{where}.{branch}", depth=depth + 1)
        return AllOf(parts) if branch == "all" else AnyOf(parts)

    def _count(self, nodes: int, where: str) -> None:
        self._nodes += nodes
        if self._nodes > limits.CONDITION_NODES:
            raise flawed(where, "length", f"More than {limits.CONDITION_NODES} parts.")

    def _parts(self, source: Any, where: str, *, depth: int) -> tuple[Condition, ...]:
        if not isinstance(source, list) or not source:
            raise flawed(where, "type", "Must be a list with at least one condition.")
        parts: list[Condition] = []
        flaws: list[Flaw] = []
        for index, item in enumerate(source):
            try:
                parts.append(self._node(item, f"{where}.{index}", depth=depth))
            except PolicyError as error:
                flaws += error.flaws
            if self._nodes > limits.CONDITION_NODES:
                break
        if flaws:
            raise PolicyError(flaws)
        return tuple(parts)

    def _test(self, source: dict[str, Any], where: str) -> Test:
        if ATTRIBUTE not in source:
            raise flawed(where, "required", "A test has attr and one operator.")
        names = [name for name in source if name != ATTRIBUTE]
        if len(names) != 1:
            raise flawed(where, "required", "A test has exactly one operator beside attr.")
        name = names[0]
        if name != EXISTS and name not in OPERATORS:
            known = ", ".join([*OPERATORS, EXISTS])
            raise flawed(f"{where}.{name}", "unknown", f"The operators are {known}.")
        self._count(_further_nodes(name, source[name]), where)
        path = paths.parse(source[ATTRIBUTE], f"{where}.{ATTRIBUTE}")
        return Test(path, name, self._operand(name, source[name], f"{where}.{name}"))

    def _operand(self, operator: str, source: Any, where: str) -> Any:
        if operator == EXISTS:
            if not isinstance(source, bool):
                raise flawed(where, "type", "Must be true or false.")
            return source
        if isinstance(source, dict) and ATTRIBUTE in source:
            return self._other_attribute(operator, source, where)
        OPERATORS[operator].literal(source, where)
        return source

    def _other_attribute(self, operator: str, source: dict[str, Any], where: str) -> AttributePath:
        if len(source) > 1:
            raise flawed(where, "unknown", "Beside attr there is nothing else.")
        if OPERATORS[operator].dynamic is None:
            raise flawed(where, "unsupported", f"{operator} compares with a literal only.")
        return paths.parse(source[ATTRIBUTE], f"{where}.{ATTRIBUTE}")


def _further_nodes(operator: str, operand: Any) -> int:
    """What a test counts for beyond itself: some cost a decision as much as many others."""
    if operator == "matches":
        return limits.REGEX_NODES - 1
    if operator in {"contains_any", "contains_all"} and isinstance(operand, dict):
        return limits.LISTS_NODES - 1
    return 0
