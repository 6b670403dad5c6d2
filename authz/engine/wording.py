"""An explanation in plain words, for somebody who helps people and does not read policies."""

from collections.abc import Iterator, Sequence
from typing import Any

from authz.engine import values
from authz.engine.conditions import Not, Test
from authz.engine.outcomes import Outcome, Unknown
from authz.engine.paths import AttributePath
from authz.engine.phrases import ABSENCE, EXISTS, PHRASES, WANTED
from authz.engine.shown import LEFT_OUT, shown
from authz.engine.trace import Seen, TracedNode

NOUNS = {"user": "person"}
KINDS = {"string": "a string", "number": "a number", "boolean": "true or false"}
MOST_CAUSES = 3


class Narrator:
    """Says what happened to one question; knows what kinds of things it is about."""

    def __init__(self, *, subject_type: str, resource_type: str) -> None:
        subject, resource = noun(subject_type), noun(resource_type)
        same = subject == resource
        self._owners = {
            "subject": f"The {'subject' if same else subject}'s",
            "resource": f"The {'resource' if same else resource}'s",
            "context": "The request's",
            "action": "The action's",
        }

    def test(self, node: TracedNode) -> str:
        """One sentence about a test that was evaluated."""
        test, value, outcome = node.condition, node.value, node.outcome
        if not isinstance(test, Test) or value is None or outcome is None:
            return "Not looked at: the outcome was settled before."
        if test.operator == EXISTS:
            return self._existence(value, wanted=test.operand, outcome=outcome)
        for seen in (value, node.other):
            if seen is not None and isinstance(seen.value, Unknown):
                return self._missing(seen)
        if isinstance(outcome, Unknown):
            return self._wrong_type(test, value, node.other)
        true, false = PHRASES[test.operator]
        said = (true if outcome else false).format(
            v=text(shown(value.value, value.names)), o=self._operand(test, value, node.other)
        )
        return f"{self._owner(value)} {said}."

    def causes(self, node: TracedNode | None) -> tuple[str, ...]:
        """The sentences of the tests that made a condition come to what it did, the first few."""
        if node is None:
            return ()
        found = list(dict.fromkeys(self.test(leaf) for leaf in _decisive(node)))
        return tuple(found[:MOST_CAUSES])

    def _owner(self, seen: Seen) -> str:
        if seen.path.root == "env":
            return "The time"
        return f"{self._owners[seen.path.root]} {described(seen.names)}"

    def _operand(self, test: Test, value: Seen, other: Seen | None) -> str:
        if other is not None:
            owner = self._owner(other)
            return (
                f"{owner[0].lower()}{owner[1:]}, which is {text(shown(other.value, other.names))}"
            )
        operand = shown(test.operand, value.names)
        match operand:
            case {"from": start, "to": end, "timezone": zone}:
                return f"between {start} and {end} in {zone}"
            case {"days": days, "timezone": zone}:
                return f"{listed(days)} in {zone}"
            case list():
                return listed(operand)
        return text(operand)

    def _existence(self, value: Seen, *, wanted: bool, outcome: Outcome) -> str:
        if isinstance(outcome, Unknown):
            return self._missing(value)
        true, false = ABSENCE[wanted]
        said = (true if outcome else false).format(path=value.path.text)
        return f"{said}." if said.startswith("Nothing") else f"{self._owner(value)} {said}."

    def _missing(self, seen: Seen) -> str:
        told = f"othing is known of {seen.path.text}."
        if seen.found == 0 or seen.found >= len(seen.names):
            return f"N{told}"
        owner = self._owners[seen.path.root]
        around = f"{owner[0].lower()}{owner[1:]} {described(seen.names[: seen.found])}"
        if seen.value is Unknown.WRONG_TYPE:
            return f"In {around} nothing can be looked up, for it is no object: n{told}"
        return f"There is no {seen.names[seen.found]} among {around}: n{told}"

    def _wrong_type(self, test: Test, value: Seen, other: Seen | None) -> str:
        kind = values.kind_of(value.value)
        named = KINDS[kind] if kind else "a list" if _is_list(value.value) else "an object"
        wanted = WANTED.get(test.operator) or _kind_wanted(
            other.value if other is not None else test.operand
        )
        said = text(shown(value.value, value.names))
        return f"{self._owner(value)} is {said}, which is {named}, and the policy needs {wanted} there."


def noun(entity_type: str) -> str:
    """What people call an entity of this type: the last word of its name."""
    return NOUNS.get(entity_type, entity_type.rpartition("_")[2] or entity_type)


def described(names: Sequence[str]) -> str:
    """The steps of a path: `memberships.acc_1.permissions`."""
    return ".".join(names)


def text(value: Any) -> str:
    """A value in the flow of a sentence."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return listed(value) if value else "an empty list"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, str):
        return value if value and value.strip() == value else f"“{value}”"
    return str(value)


def listed(items: Sequence[Any]) -> str:
    """`a, b or c` without the or: the members with commas, the first few."""
    some = [text(item) for item in items[:MOST_CAUSES]]
    return ", ".join([*some, LEFT_OUT] if len(items) > MOST_CAUSES else some)


def _kind_wanted(operand: Any) -> str:
    if isinstance(operand, AttributePath) or operand is None:
        return "values of one type"
    first = next(iter(operand), None) if _is_list(operand) else operand
    return KINDS.get(values.kind_of(first) or "", "values of one type")


def _is_list(value: Any) -> bool:
    return isinstance(value, values.LISTS)


def _decisive(node: TracedNode) -> Iterator[TracedNode]:
    """The tests whose outcomes settled this node's: of `all` that is false, the false ones, and so on."""
    if isinstance(node.condition, Test):
        yield node
        return
    for part in node.parts:
        if part.outcome is None:
            continue
        if isinstance(node.condition, Not) or part.outcome is node.outcome:
            yield from _decisive(part)
