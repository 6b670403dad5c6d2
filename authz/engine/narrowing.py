"""Partial evaluation: what a condition demands of an entity that is not known yet, everything else being known.

The demand is necessary, not sufficient: it holds wherever the condition is true, and may hold elsewhere. So a search
may leave out what does not meet it, and must decide the rest with the same closures as ever.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from authz.engine import values
from authz.engine.conditions import AllOf, AnyOf, Condition, Not, Test, compile_condition, paths
from authz.engine.frame import Frame
from authz.engine.operators import EXISTS
from authz.engine.outcomes import Unknown
from authz.engine.paths import AttributePath, compile_path

Sought = Literal["subject", "resource"]

MOST_PARTS = 20  # alternatives beyond which a demand is no help to a database
ID = ("id",)
# What the other side of a comparison asks when this side is the one that is not known.
MIRRORED = {"eq": "eq", "in": "contains", "contains": "in"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One test that the entity must pass: `steps` is the attribute's path from it, `operand` a JSON value."""

    steps: tuple[str, ...]
    operator: str
    operand: Any

    @property
    def key(self) -> str:
        return json.dumps([self.steps, self.operator, self.operand], sort_keys=True, default=sorted)


@dataclass(frozen=True, slots=True)
class Anything:
    """Every entity meets it."""


@dataclass(frozen=True, slots=True)
class Impossible:
    """None does."""


@dataclass(frozen=True, slots=True)
class HoldsRole:
    """The entity must match the subject `role:<name>`."""

    name: str


@dataclass(frozen=True, slots=True)
class Both:
    parts: tuple["Demand", ...]


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple["Demand", ...]


Demand = Anything | Impossible | Wanted | HoldsRole | Both | Either

ANYTHING = Anything()
IMPOSSIBLE = Impossible()


def with_id(identifiers: Iterable[str]) -> Demand:
    """To be one of these."""
    known = sorted(set(identifiers))
    return Wanted(ID, "in", known) if known else IMPOSSIBLE


def both(parts: Iterable[Demand]) -> Demand:
    """All of the demands together."""
    kept: list[Demand] = []
    for part in parts:
        if part is IMPOSSIBLE:
            return IMPOSSIBLE
        if part is not ANYTHING:
            kept.append(part)
    if len(kept) == 1:
        return kept[0]
    return Both(tuple(kept)) if kept else ANYTHING


def either(parts: Iterable[Demand]) -> Demand:
    """At least one of them. Ids are gathered; beyond `MOST_PARTS` other alternatives it is anything."""
    identifiers: set[str] = set()
    kept: dict[str, Demand] = {}
    for part in parts:
        if part is ANYTHING:
            return ANYTHING
        if isinstance(part, Wanted) and (part.steps, part.operator) == (ID, "in"):
            identifiers.update(part.operand)
        elif part is not IMPOSSIBLE:
            kept[part.key if isinstance(part, Wanted) else repr(part)] = part
    if len(kept) > MOST_PARTS:
        return ANYTHING
    alternatives = list(kept.values())
    if identifiers:
        alternatives.append(with_id(identifiers))
    if len(alternatives) == 1:
        return alternatives[0]
    return Either(tuple(alternatives)) if alternatives else IMPOSSIBLE


def demand_of(condition: Condition | None, frame: Frame, sought: Sought) -> Demand:
    """What `condition` being true demands of the entity at the root `sought`, which `frame` knows nothing of."""
    match condition:
        case None:
            return ANYTHING
        case AllOf(parts):
            return both(demand_of(part, frame, sought) for part in parts)
        case AnyOf(parts):
            return either(demand_of(part, frame, sought) for part in parts)
    if not any(_touches(path, sought) for path in paths(condition)):
        return ANYTHING if compile_condition(condition)(frame) is True else IMPOSSIBLE
    return ANYTHING if isinstance(condition, Not) else _test(condition, frame, sought)


def _test(test: Test, frame: Frame, sought: Sought) -> Demand:
    if test.operator == EXISTS:
        return ANYTHING
    if isinstance(test.operand, AttributePath):
        return _comparison(test, test.operand, frame, sought)
    if test.path.root == sought:
        return _wanted(test.path, test.operator, test.operand, frame, sought)
    return _key_of_something_known(test, frame, sought)


def _comparison(test: Test, operand: AttributePath, frame: Frame, sought: Sought) -> Demand:
    left, right = _touches(test.path, sought), _touches(operand, sought)
    if left and right:
        return ANYTHING
    known, unknown = (operand, test.path) if left else (test.path, operand)
    if unknown.root != sought:
        return _key_of_something_known(test, frame, sought)
    operator = test.operator if left else MIRRORED.get(test.operator)
    if operator is None:
        return ANYTHING
    value = compile_path(known)(frame)
    return (
        IMPOSSIBLE
        if isinstance(value, Unknown)
        else _wanted(unknown, operator, value, frame, sought)
    )


def _wanted(
    path: AttributePath, operator: str, operand: Any, frame: Frame, sought: Sought
) -> Demand:
    """Operators beyond these three are left to the closures."""
    if any(isinstance(step, AttributePath) and _touches(step, sought) for step in path.steps):
        return ANYTHING
    keys = [step if isinstance(step, str) else compile_path(step)(frame) for step in path.steps]
    if operator not in {"eq", "contains", "in"}:
        return ANYTHING
    if operator == "in" and isinstance(operand, values.LISTS):
        operand = [item for item in operand if values.kind_of(item) is not None]
    elif operator == "in" or values.kind_of(operand) is None:
        return IMPOSSIBLE
    if not all(isinstance(key, str) for key in keys):
        return IMPOSSIBLE
    if tuple(keys) == ID and operator != "contains":
        identifiers = [operand] if operator == "eq" else operand
        return with_id(item for item in identifiers if isinstance(item, str))
    return Wanted(tuple(keys), operator, operand)


def _key_of_something_known(test: Test, frame: Frame, sought: Sought) -> Demand:
    """`subject.memberships[resource.id].permissions` with the resource sought: its id is one of the keys, and with most
    of them the test is not true.
    """
    path = test.path
    turn = next(
        (index for index, step in enumerate(path.steps) if isinstance(step, AttributePath)), None
    )
    others = [p for p in paths(test) if p is not path] + [
        step for step in path.steps[(turn or 0) + 1 :] if isinstance(step, AttributePath)
    ]
    if turn is None or any(_touches(other, sought) for other in others):
        return ANYTHING
    step = path.steps[turn]
    if not isinstance(step, AttributePath) or (step.root, step.steps) != (sought, ID):
        return ANYTHING
    known = (
        compile_path(AttributePath(path.text, path.root, path.steps[:turn]))(frame)
        if turn
        else getattr(frame, path.root)
    )
    if not isinstance(known, dict):
        return IMPOSSIBLE
    holds = compile_condition(test)
    return with_id(key for key in known if holds(_with(frame, sought, {"id": key})) is True)


def _with(frame: Frame, sought: Sought, attributes: dict[str, Any]) -> Frame:
    return Frame(
        subject=attributes if sought == "subject" else frame.subject,
        action=frame.action,
        resource=attributes if sought == "resource" else frame.resource,
        context=frame.context,
        now=frame.now,
    )


def _touches(path: AttributePath, sought: Sought) -> bool:
    return path.root == sought or any(
        _touches(step, sought) for step in path.steps if isinstance(step, AttributePath)
    )
