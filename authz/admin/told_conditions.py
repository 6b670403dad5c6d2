"""Why a policy matched or did not, as nested sentences for a page."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from authz.engine.conditions import AllOf, AnyOf, Not, Test
from authz.engine.explain import Standing
from authz.engine.outcomes import Outcome, Unknown
from authz.engine.paths import AttributePath
from authz.engine.shown import shown
from authz.engine.trace import TracedNode
from authz.engine.wording import Narrator, text
from authz.services.explanations import Explained, ExplainedPolicy

STANDINGS = {
    Standing.DECIDED: gettext_lazy("decides"),
    Standing.DID_NOT_MATCH: gettext_lazy("does not match"),
    Standing.WOULD_HAVE_MATCHED: gettext_lazy("would match, too late"),
    Standing.NOT_REACHED: gettext_lazy("not reached, and would not match"),
}
MARKS = {"true": "✓", "false": "✗", "unknown": "?", "skipped": "·"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldNode:
    """`outcome` is `true`, `false`, `unknown` or, for what was settled before, `skipped`. `test` is a test as it is
    written, empty for a branch.
    """

    outcome: str
    sentence: str
    test: str = ""
    parts: tuple["ToldNode", ...] = ()

    @property
    def mark(self) -> str:
        return MARKS[self.outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPolicy:
    """`condition` is None for a policy without one."""

    name: str
    effect: str
    priority: int
    version: int | None
    standing: Any
    decided: bool
    sentence: str
    condition: ToldNode | None


def told_policies(explained: Explained) -> list[ToldPolicy]:
    """Every policy that could have matched, in the order in which they would decide."""
    return [_policy(one, explained.narrator) for one in explained.policies]


def _policy(one: ExplainedPolicy, narrator: Narrator) -> ToldPolicy:
    traced = one.traced
    document = traced.policy.document
    return ToldPolicy(
        name=traced.policy.name,
        effect=document.effect,
        priority=document.priority,
        version=one.version,
        standing=STANDINGS[traced.standing],
        decided=traced.standing is Standing.DECIDED,
        sentence=one.sentence,
        condition=None if traced.condition is None else _node(traced.condition, narrator),
    )


def _node(node: TracedNode, narrator: Narrator) -> ToldNode:
    parts = tuple(_node(part, narrator) for part in node.parts)
    outcome = _outcome(node.outcome)
    match node.condition:
        case Test():
            return ToldNode(
                outcome=outcome, sentence=narrator.test(node), test=_written(node.condition)
            )
        case AllOf():
            return ToldNode(outcome=outcome, sentence=_("All of these:"), parts=parts)
        case AnyOf():
            return ToldNode(outcome=outcome, sentence=_("At least one of these:"), parts=parts)
        case Not():
            return ToldNode(outcome=outcome, sentence=_("Not this:"), parts=parts)


def _written(test: Test) -> str:
    names = [step for step in test.path.steps if isinstance(step, str)]
    if isinstance(test.operand, AttributePath):
        return f"{test.path.text} {test.operator} {test.operand.text}"
    return f"{test.path.text} {test.operator} {text(shown(test.operand, names))}"


def _outcome(outcome: Outcome | None) -> str:
    if isinstance(outcome, Unknown):
        return "unknown"
    return "skipped" if outcome is None else "true" if outcome else "false"
