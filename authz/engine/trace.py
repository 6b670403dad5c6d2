"""Evaluating a condition with a witness: the same closures, each wrapped so that its outcome is written down."""

from dataclasses import dataclass, field
from typing import Any

from authz.engine.conditions import (
    AllOf,
    AnyOf,
    Condition,
    Evaluate,
    Not,
    Test,
    compile_condition,
)
from authz.engine.frame import Frame
from authz.engine.outcomes import Outcome, Unknown
from authz.engine.paths import AttributePath, compile_path


@dataclass(frozen=True, slots=True)
class Seen:
    """What a test looked at. `value` is the attribute's, or the Unknown that says why there is none.

    `names` are the steps of the path with the values of those in brackets, as far as they are known; `found` is how
    many of them lead to something.
    """

    path: AttributePath
    value: Any
    names: tuple[str, ...]
    found: int


@dataclass(frozen=True, slots=True)
class TracedNode:
    """One node of a condition. `outcome` is None when the evaluation was over before it came to this node.

    `value` and `other` are of tests alone; `other` is None unless the operand is an attribute.
    """

    place: str
    condition: Condition
    outcome: Outcome | None
    parts: tuple["TracedNode", ...] = ()
    value: Seen | None = None
    other: Seen | None = None


@dataclass(slots=True)
class Trace:
    """Good for one evaluation of one condition."""

    _outcomes: dict[str, Outcome] = field(default_factory=dict)
    _seen: dict[str, tuple[Seen, Seen | None]] = field(default_factory=dict)

    def compile(self, condition: Condition) -> Evaluate:
        """As `compile_condition`, and every node that is evaluated leaves its outcome here."""
        return compile_condition(condition, wrap=self._witness)

    def tree(self, condition: Condition, place: str = "condition") -> TracedNode:
        """The condition with what was heard of each node."""
        value, other = self._seen.get(place, (None, None))
        parts: tuple[TracedNode, ...]
        match condition:
            case Test():
                parts = ()
            case AllOf(inner) | AnyOf(inner):
                step = "all" if isinstance(condition, AllOf) else "any"
                parts = tuple(
                    self.tree(part, f"{place}.{step}.{index}") for index, part in enumerate(inner)
                )
            case Not(part):
                parts = (self.tree(part, f"{place}.not"),)
        return TracedNode(place, condition, self._outcomes.get(place), parts, value, other)

    def _witness(self, place: str, condition: Condition, evaluate: Evaluate) -> Evaluate:
        def witnessed(frame: Frame) -> Outcome:
            outcome = self._outcomes[place] = evaluate(frame)
            if isinstance(condition, Test):
                operand = condition.operand
                other = look(operand, frame) if isinstance(operand, AttributePath) else None
                self._seen[place] = (look(condition.path, frame), other)
            return outcome

        return witnessed


def look(path: AttributePath, frame: Frame) -> Seen:
    """The value that the path has in the frame, and of a missing one how far one gets."""
    names: list[str] = []
    for step in path.steps:
        name = step if isinstance(step, str) else compile_path(step)(frame)
        if not isinstance(name, str):
            break
        names.append(name)
    value = compile_path(path)(frame)
    found = len(path.steps)
    while found and isinstance(_part(path, found, frame), Unknown):
        found -= 1
    return Seen(path, value, tuple(names), found)


def _part(path: AttributePath, length: int, frame: Frame) -> Any:
    return compile_path(AttributePath(path.text, path.root, path.steps[:length]))(frame)
