"""Deciding a recorded question again, by two sets of policies."""

from collections.abc import Iterator, Sequence
from typing import Any

from authz.engine.conditions import paths
from authz.engine.decide import candidates_for, decide
from authz.engine.outcomes import Unknown
from authz.engine.paths import AttributePath
from authz.engine.policyset import Candidates, CompiledPolicy, PolicySet
from authz.engine.verdict import Verdict
from authz.models import DecisionRecord
from authz.services.entities import entity_with

ROLES = "subject.roles"  # without them nobody knows which policies concern a subject


class Replay:
    """Two sets of policies, asked the same. Remembers what each policy looks at."""

    def __init__(self, now: PolicySet, then: PolicySet) -> None:
        self._sets = (now, then)
        self._looked_at: dict[CompiledPolicy, frozenset[str]] = {}

    def decide(self, record: DecisionRecord) -> tuple[Verdict, Verdict] | None:
        """What each of the sets answers; None when something that was not recorded may decide it."""
        question: dict[str, Any] = {
            "subject": entity_with(record.subject, record.subject_attributes),
            "action": record.action,
            "resource": entity_with(record.resource, record.resource_attributes),
        }
        now, then = (candidates_for(policies, **question) for policies in self._sets)
        if record.left_out and self._misses(record.left_out, (now, then)):
            return None
        return self._ask(now, question, record), self._ask(then, question, record)

    def unknown(self, policy: CompiledPolicy, why: Unknown) -> None:
        """It is its own recorder: nobody counts what a replay meets."""

    def _ask(
        self, candidates: Candidates, question: dict[str, Any], record: DecisionRecord
    ) -> Verdict:
        return decide(
            candidates, **question, context=record.context, now=record.decided_at, recorder=self
        )

    def _misses(self, left_out: Sequence[str], found: Sequence[Candidates]) -> bool:
        missing = set(left_out)
        if missing & {ROLES, "subject"}:
            return True
        return any(
            missing & self._looked_at_by(policy)
            for candidates in found
            for policy, _ in candidates.policies
        )

    def _looked_at_by(self, policy: CompiledPolicy) -> frozenset[str]:
        """`context.ip` and its root for every path, as `DecisionRecord.left_out` names them."""
        known = self._looked_at.get(policy)
        if known is None:
            condition = policy.document.condition
            every = () if condition is None else paths(condition)
            known = frozenset(name for path in every for name in _names(path))
            self._looked_at[policy] = known
        return known


def _names(path: AttributePath) -> Iterator[str]:
    yield path.root
    first = path.steps[0]
    if isinstance(first, str):
        yield f"{path.root}.{first}"
    for step in path.steps:
        if isinstance(step, AttributePath):
            yield from _names(step)
