"""An explanation in plain words, for somebody who helps people and does not read policies.

It is in the language that is active: that of staff on a page of the console, and English for the API.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from authz.engine import values
from authz.engine.conditions import Not, Test
from authz.engine.outcomes import Outcome, Unknown
from authz.engine.paths import AttributePath
from authz.engine.phrases import (
    ABSENCE,
    EXISTS,
    KINDS,
    LIMITS,
    LIST,
    OBJECT,
    ONE_TYPE,
    PHRASES,
    WANTED,
)
from authz.engine.shown import LEFT_OUT, shown
from authz.engine.trace import Seen, TracedNode

NOUNS = {"user": gettext_noop("person")}
MOST_CAUSES = 3


class Narrator:
    """Says what happened to one question; knows what kinds of things it is about."""

    def __init__(self, *, subject_type: str, resource_type: str) -> None:
        self._kinds = {"subject": subject_type, "resource": resource_type}
        self._are_alike = noun(subject_type) == noun(resource_type)

    def test(self, node: TracedNode) -> str:
        """One sentence about a test that was evaluated."""
        test, value, outcome = node.condition, node.value, node.outcome
        if not isinstance(test, Test) or value is None or outcome is None:
            return _("Not looked at: the outcome was settled before.")
        if test.operator == EXISTS:
            return self._existence(value, wanted=test.operand, outcome=outcome)
        for seen in (value, node.other):
            if seen is not None and isinstance(seen.value, Unknown):
                return self._missing(seen)
        if isinstance(outcome, Unknown):
            return self._wrong_type(test, value, node.other)
        true, false = PHRASES[test.operator]
        return _(true if outcome else false) % {
            "whose": self._whose(value),
            "value": text(shown(value.value, value.names)),
            "wanted": self._operand(test, value, node.other),
        }

    def causes(self, node: TracedNode | None) -> tuple[str, ...]:
        """The sentences of the tests that made a condition come to what it did, the first few."""
        if node is None:
            return ()
        found = list(dict.fromkeys(self.test(leaf) for leaf in _decisive(node)))
        return tuple(found[:MOST_CAUSES])

    def _whose(self, seen: Seen, names: Sequence[str] | None = None) -> str:
        """Of the first letter of a sentence: `The person's team`."""
        root, attr = seen.path.root, described(seen.names if names is None else names)
        if root == "env":
            return _("The time")
        if root == "context":
            return _("The request's %(attr)s") % {"attr": attr}
        if root == "action":
            return _("The action's %(attr)s") % {"attr": attr}
        if not self._are_alike:
            return _("The %(kind)s's %(attr)s") % {"kind": noun(self._kinds[root]), "attr": attr}
        if root == "subject":
            return _("The subject's %(attr)s") % {"attr": attr}
        return _("The resource's %(attr)s") % {"attr": attr}

    def _operand(self, test: Test, value: Seen, other: Seen | None) -> str:
        if other is not None:
            return _("%(whose)s, which is %(value)s") % {
                "whose": _within(self._whose(other)),
                "value": text(shown(other.value, other.names)),
            }
        operand = shown(test.operand, value.names)
        match operand:
            case {"from": start, "to": end, "timezone": zone}:
                times = {"start": start, "end": end, "zone": zone}
                return _("between %(start)s and %(end)s in %(zone)s") % times
            case {"days": days, "timezone": zone}:
                return _("%(days)s in %(zone)s") % {"days": listed(days), "zone": zone}
            case list():
                return listed(operand)
        return text(operand)

    def _existence(self, value: Seen, *, wanted: bool, outcome: Outcome) -> str:
        if isinstance(outcome, Unknown):
            return self._missing(value)
        true, false = ABSENCE[wanted]
        return _(true if outcome else false) % {
            "whose": self._whose(value),
            "path": value.path.text,
        }

    def _missing(self, seen: Seen) -> str:
        path = seen.path.text
        if seen.found == 0 or seen.found >= len(seen.names):
            return _("Nothing is known of %(path)s.") % {"path": path}
        around = _within(self._whose(seen, seen.names[: seen.found]))
        if seen.value is Unknown.WRONG_TYPE:
            return _(
                "In %(around)s nothing can be looked up, for it is no object: nothing is known of %(path)s."
            ) % {"around": around, "path": path}
        return _("There is no %(name)s among %(around)s: nothing is known of %(path)s.") % {
            "name": seen.names[seen.found],
            "around": around,
            "path": path,
        }

    def _wrong_type(self, test: Test, value: Seen, other: Seen | None) -> str:
        kind = values.kind_of(value.value)
        wanted = WANTED.get(test.operator) or _kind_wanted(
            other.value if other is not None else test.operand
        )
        return _(
            "%(whose)s is %(value)s, which is %(kind)s, and the policy needs %(wanted)s there."
        ) % {
            "whose": self._whose(value),
            "value": text(shown(value.value, value.names)),
            "kind": _(KINDS[kind] if kind else LIST if _is_list(value.value) else OBJECT),
            "wanted": _(wanted) % LIMITS,
        }


def noun(entity_type: str) -> str:
    """What people call an entity of this type: the last word of its name."""
    if entity_type in NOUNS:
        return _(NOUNS[entity_type])
    return entity_type.rpartition("_")[2] or entity_type


def described(names: Sequence[str]) -> str:
    """The steps of a path: `memberships.acc_1.permissions`."""
    return ".".join(names)


def text(value: Any) -> str:
    """A value in the flow of a sentence."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return listed(value) if value else _("an empty list")
    if isinstance(value, dict):
        return _(OBJECT)
    if isinstance(value, str):
        return value if value and value.strip() == value else f"“{value}”"
    return str(value)


def listed(items: Sequence[Any]) -> str:
    """`a, b or c` without the or: the members with commas, the first few."""
    some = [text(item) for item in items[:MOST_CAUSES]]
    return ", ".join([*some, LEFT_OUT] if len(items) > MOST_CAUSES else some)


def _within(whose: str) -> str:
    """Not at the beginning of a sentence."""
    return f"{whose[0].lower()}{whose[1:]}"


def _kind_wanted(operand: Any) -> str:
    if isinstance(operand, AttributePath) or operand is None:
        return ONE_TYPE
    first = next(iter(operand), None) if _is_list(operand) else operand
    return KINDS.get(values.kind_of(first) or "", ONE_TYPE)


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
