"""Attribute paths: `resource.status`, `subject.memberships[resource.id].permissions`, `context["order value"]`.

path  = root "." name *( "." name / "[" key "]" )      root may be followed by ["name"] as well
root  = "subject" / "action" / "resource" / "context" / "env"
key   = a double-quoted string / path
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from authz.engine import limits
from authz.engine.errors import flawed
from authz.engine.frame import Frame
from authz.engine.outcomes import Unknown

ROOTS = ("subject", "action", "resource", "context", "env")
CLOCK = ("now",)  # what env has

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')

Getter = Callable[[Frame], Any]


@dataclass(frozen=True, slots=True)
class AttributePath:
    """A root and the steps from it; a step is a name, or a path whose value is the name."""

    text: str
    root: str
    steps: tuple["str | AttributePath", ...]

    @property
    def uses_clock(self) -> bool:
        """Whether the value changes with the time alone."""
        return self.root == "env" or any(
            step.uses_clock for step in self.steps if isinstance(step, AttributePath)
        )


def parse(text: object, where: str) -> AttributePath:
    """Read a path. Raises PolicyError."""
    if not isinstance(text, str):
        raise flawed(where, "type", "An attribute path is a string.")
    if len(text) > limits.PATH_LENGTH:
        raise flawed(where, "length", f"At most {limits.PATH_LENGTH} characters.")
    path, end = _Reader(text, where).path(0, nesting=0)
    if end != len(text):
        raise flawed(where, "syntax", f"Cannot read on at character {end + 1}.")
    return path


class _Reader:
    def __init__(self, text: str, where: str) -> None:
        self.text = text
        self.where = where

    def path(self, start: int, *, nesting: int) -> tuple[AttributePath, int]:
        if nesting > limits.PATH_NESTING:
            raise flawed(self.where, "length", "Too many brackets within brackets.")
        root, at = self._name(start)
        if root not in ROOTS:
            raise flawed(self.where, "unknown", f"A path starts with {', '.join(ROOTS)}.")
        steps: list[str | AttributePath] = []
        while at < len(self.text) and self.text[at] in ".[":
            step, at = (
                self._name(at + 1) if self.text[at] == "." else self._key(at + 1, nesting=nesting)
            )
            steps.append(step)
        self._check(root, steps)
        return AttributePath(self.text[start:at], root, tuple(steps)), at

    def _check(self, root: str, steps: list[str | AttributePath]) -> None:
        if not steps:
            raise flawed(self.where, "syntax", f"Name an attribute of it: {root}.id.")
        if len(steps) > limits.PATH_STEPS:
            raise flawed(self.where, "length", f"At most {limits.PATH_STEPS} steps.")
        if root == "env" and tuple(steps) != CLOCK:
            raise flawed(self.where, "unknown", "The server's own facts are: env.now.")

    def _name(self, at: int) -> tuple[str, int]:
        found = NAME.match(self.text, at)
        if found is None:
            raise flawed(self.where, "syntax", f"A name is missing at character {at + 1}.")
        return found.group(), found.end()

    def _key(self, at: int, *, nesting: int) -> tuple["str | AttributePath", int]:
        quoted = QUOTED.match(self.text, at)
        key: str | AttributePath
        if quoted is not None:
            key, end = self._unquoted(quoted.group()), quoted.end()
        else:
            key, end = self.path(at, nesting=nesting + 1)
        if self.text[end : end + 1] != "]":
            raise flawed(self.where, "syntax", f"] is missing at character {end + 1}.")
        return key, end + 1

    def _unquoted(self, literal: str) -> str:
        try:
            return str(json.loads(literal))
        except ValueError:
            raise flawed(self.where, "syntax", "A quoted name is written as in JSON.") from None


def compile_path(path: AttributePath) -> Getter:
    """A function from a frame to the attribute's value, or to the Unknown that says why there is none.

    None counts as missing. A step into what is not an object, or by a key that is not a string, is a wrong type.
    """
    if path.root == "env":
        return Frame.now_text
    root = attrgetter(path.root)
    if len(path.steps) == 1 and isinstance(path.steps[0], str):
        return _attribute(root, path.steps[0])
    return _walk(
        root, [step if isinstance(step, str) else compile_path(step) for step in path.steps]
    )


def _attribute(root: Callable[[Frame], Mapping[str, Any]], name: str) -> Getter:
    def get(frame: Frame) -> Any:
        value = root(frame).get(name)
        return Unknown.MISSING if value is None else value

    return get


def _walk(root: Callable[[Frame], Mapping[str, Any]], steps: list[str | Getter]) -> Getter:
    names = [step for step in steps if isinstance(step, str)]
    if len(names) == len(steps):
        return lambda frame: _follow(names, root(frame))

    def get(frame: Frame) -> Any:
        keys = [step if isinstance(step, str) else step(frame) for step in steps]
        if not all(isinstance(key, str) or key is Unknown.MISSING for key in keys):
            return Unknown.WRONG_TYPE  # even of what would be missing, which `exists` may ask for
        return _follow(keys, root(frame))

    return get


def _follow(keys: list[Any], value: Any) -> Any:
    """Names, or the Unknown.MISSING that a bracket came to."""
    for key in keys:
        if not isinstance(value, dict):  # JSON objects are; the ABC is ten times slower
            return Unknown.WRONG_TYPE
        value = None if key is Unknown.MISSING else value.get(key)
        if value is None:
            return Unknown.MISSING
    return value
