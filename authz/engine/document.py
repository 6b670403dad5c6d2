"""A policy as people write it, read into values that hold no surprises.

Keys are strict, sizes are bounded, literals fit their operators; everything that is wrong is told at once, each with
its place in the document. What `parse` returns always compiles.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from authz.engine import limits, patterns
from authz.engine.condition_parser import ConditionParser
from authz.engine.conditions import Condition
from authz.engine.errors import Flaw, PolicyError, flawed
from authz.engine.patterns import Pattern

Effect = Literal["allow", "deny"]
Read = TypeVar("Read")

UNPORTABLE = re.compile("[\x00\ud800-\udfff]")
NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
REQUIRED = ("name", "effect", "subjects", "actions", "resources")
OPTIONAL = ("description", "priority", "condition", "obligations", "enabled")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDocument:
    """One policy. `condition` None is always true."""

    name: str
    description: str
    effect: Effect
    priority: int
    subjects: tuple[str, ...]
    actions: tuple[Pattern, ...]
    resources: tuple[Pattern, ...]
    condition: Condition | None
    obligations: Mapping[str, Any]
    enabled: bool


def parse(source: Any) -> PolicyDocument:
    """Read a policy from its JSON value. Raises PolicyError with every flaw that it found."""
    if not isinstance(source, dict):
        raise flawed("", "type", "A policy is a JSON object.")
    _check_size(source)
    reader = _Reader(source)
    document = PolicyDocument(
        name=reader.read("name", _name, ""),
        description=reader.read("description", _description, ""),
        effect=reader.read("effect", _effect, "deny"),
        priority=reader.read("priority", _priority, 0),
        subjects=reader.read("subjects", _list_of(patterns.parse_subject), ()),
        actions=reader.read("actions", _list_of(patterns.parse_action), ()),
        resources=reader.read("resources", _list_of(patterns.parse_resource), ()),
        condition=reader.read("condition", ConditionParser().parse, None),
        obligations=reader.read("obligations", _obligations, {}),
        enabled=reader.read("enabled", _enabled, True),
    )
    reader.finish(document)
    return document


class _Reader:
    """Reads member by member, and goes on after a flaw so that one answer names them all."""

    def __init__(self, source: dict[str, Any]) -> None:
        self.source = source
        known = {*REQUIRED, *OPTIONAL}
        self.flaws = [
            Flaw(str(name), "unknown", "A policy has no such member.")
            for name in source
            if name not in known
        ]
        self.flaws += [
            Flaw(name, "required", "Every policy has it.")
            for name in REQUIRED
            if name not in source
        ]

    def read(self, name: str, reading: Callable[[Any, str], Read], default: Read) -> Read:
        if name not in self.source:
            return default
        try:
            return reading(self.source[name], name)
        except PolicyError as error:
            self.flaws += error.flaws
            return default

    def finish(self, document: PolicyDocument) -> None:
        size = len(document.subjects) * len(document.actions) * len(document.resources)
        if size > limits.COMBINATIONS:
            detail = (
                f"Subjects times actions times resources: {size}, at most {limits.COMBINATIONS}."
            )
            self.flaws.append(Flaw("", "length", detail))
        if self.flaws:
            raise PolicyError(self.flaws)


def _check_size(source: dict[str, Any]) -> None:
    try:
        size = len(json.dumps(source, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        raise flawed(
            "", "type", "Only what JSON can say: no NaN, no infinity, no cycles."
        ) from None
    if size > limits.DOCUMENT_BYTES:
        raise flawed("", "length", f"At most {limits.DOCUMENT_BYTES} bytes.")
    check_portable(source)


def check_portable(source: dict[str, Any]) -> None:
    """Whatever can be read can also be stored and told again: by PostgreSQL, and by every JSON parser."""
    rest: list[Any] = [source]
    while rest:
        value = rest.pop()
        if isinstance(value, dict):
            rest += value
            rest += value.values()
        elif isinstance(value, list | tuple):
            rest += value
        elif isinstance(value, str) and UNPORTABLE.search(value):
            raise flawed("", "syntax", "A string holds a NUL or half of a surrogate pair.")
        elif isinstance(value, int) and abs(value) > limits.WHOLE_NUMBER:
            raise flawed("", "range", "A whole number does not fit in 64 bits.")


def _name(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise flawed(where, "type", "Must be a string.")
    if len(value) > limits.NAME_LENGTH or not NAME.fullmatch(value):
        detail = f"Lower-case words with hyphens between, at most {limits.NAME_LENGTH} characters."
        raise flawed(where, "syntax", detail)
    return value


def _description(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise flawed(where, "type", "Must be a string.")
    if len(value) > limits.DESCRIPTION_LENGTH:
        raise flawed(where, "length", f"At most {limits.DESCRIPTION_LENGTH} characters.")
    return value


def _effect(value: Any, where: str) -> Effect:
    if value == "allow":
        return "allow"
    if value == "deny":
        return "deny"
    raise flawed(where, "unknown", "Either allow or deny.")


def _priority(value: Any, where: str) -> int:
    if value.__class__ is not int:
        raise flawed(where, "type", "Must be a whole number.")
    if abs(value) > limits.PRIORITY:
        raise flawed(where, "range", f"From {-limits.PRIORITY} to {limits.PRIORITY}.")
    return int(value)


def _enabled(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise flawed(where, "type", "Must be true or false.")
    return value


def _obligations(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise flawed(where, "type", "Must be an object.")
    return value


def _list_of(reading: Callable[[Any, str], Read]) -> Callable[[Any, str], tuple[Read, ...]]:
    def read(value: Any, where: str) -> tuple[Read, ...]:
        if not isinstance(value, list) or not value:
            raise flawed(where, "type", "Must be a list with at least one element.")
        if len(value) > limits.PATTERNS:
            raise flawed(where, "length", f"At most {limits.PATTERNS} elements.")
        found: list[Read] = []
        flaws: list[Flaw] = []
        for index, item in enumerate(value):
            try:
                found.append(reading(item, f"{where}.{index}"))
            except PolicyError as error:
                flaws += error.flaws
        if flaws:
            raise PolicyError(flaws)
        return tuple(found)

    return read
