"""One question, its verdict, and why: `decide` itself, over candidates whose conditions are compiled with a witness."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from authz.engine.decide import candidates_for, decide, names
from authz.engine.frame import Entity
from authz.engine.outcomes import Unknown
from authz.engine.policyset import Candidates, CompiledPolicy, PolicySet
from authz.engine.trace import Trace, TracedNode
from authz.engine.verdict import Verdict


class Standing(StrEnum):
    """What a policy had to do with the decision."""

    DECIDED = "decided"
    """It matched, and it is the one that decided."""
    DID_NOT_MATCH = "did_not_match"
    """It was looked at and did not match."""
    WOULD_HAVE_MATCHED = "would_have_matched"
    """It stands after the one that decided, and would have matched."""
    NOT_REACHED = "not_reached"
    """It stands after the one that decided, and would not have matched either."""


@dataclass(frozen=True, slots=True)
class TracedPolicy:
    """A policy that could have matched. `condition` is None for a policy that always does."""

    policy: CompiledPolicy
    standing: Standing
    verdict: Verdict
    condition: TracedNode | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """`policies` stand in the order in which they would decide; `lacking` are those for roles that the subject does
    not hold, each with those roles."""

    verdict: Verdict
    policies: tuple[TracedPolicy, ...]
    lacking: tuple[tuple[CompiledPolicy, tuple[str, ...]], ...]


class _Silent:
    """A recorder that has nothing to do."""

    def unknown(self, policy: CompiledPolicy, why: Unknown) -> None:
        """Whoever explains counts nothing."""


def explain(
    policies: PolicySet,
    *,
    subject: Entity,
    action: str,
    resource: Entity,
    context: Mapping[str, Any],
    now: datetime,
) -> Explanation:
    """What `decide` answers, with everything on the way to it and behind it."""
    found = candidates_for(policies, subject=subject, action=action, resource=resource)
    traces = {policy.name: Trace() for policy, _ in found.policies}

    def settle(items: tuple[Any, ...]) -> Verdict:
        return decide(
            Candidates(items, found.use_clock),
            subject=subject,
            action=action,
            resource=resource,
            context=context,
            now=now,
            recorder=_Silent(),
        )

    witnessed = tuple(
        (_with_witness(policy, traces[policy.name]), patterns)
        for policy, patterns in found.policies
        if patterns is None or names(patterns, resource.reference)
    )
    verdict = settle(witnessed)
    traced: list[TracedPolicy] = []
    decided = False
    for policy, patterns in witnessed:
        own = settle(((policy, patterns),))
        standing = _standing(own, is_decisive=policy.name == verdict.policy, after=decided)
        decided = decided or standing is Standing.DECIDED
        condition = policy.document.condition
        tree = None if condition is None else traces[policy.name].tree(condition)
        traced.append(TracedPolicy(policy, standing, own, tree))
    lacking = _for_other_roles(policies, found, subject, action, resource)
    return Explanation(verdict, tuple(traced), lacking)


def _with_witness(policy: CompiledPolicy, trace: Trace) -> CompiledPolicy:
    condition = policy.document.condition
    return policy if condition is None else replace(policy, condition=trace.compile(condition))


def _standing(own: Verdict, *, is_decisive: bool, after: bool) -> Standing:
    if is_decisive:
        return Standing.DECIDED
    if own.policy:
        return Standing.WOULD_HAVE_MATCHED
    return Standing.NOT_REACHED if after else Standing.DID_NOT_MATCH


def _for_other_roles(
    policies: PolicySet, found: Candidates, subject: Entity, action: str, resource: Entity
) -> tuple[tuple[CompiledPolicy, tuple[str, ...]], ...]:
    """Those that would be candidates if the subject held every role that a policy speaks of."""
    spoken_of = {
        pattern.removeprefix("role:")
        for policy in policies.policies
        for pattern in policy.document.subjects
        if pattern.startswith("role:")
    }
    everything = replace(subject, roles=frozenset(spoken_of) | subject.roles)
    wider = candidates_for(policies, subject=everything, action=action, resource=resource)
    known = {policy.name for policy, _ in found.policies}
    return tuple(
        (policy, tuple(sorted(spoken_of & _roles(policy))))
        for policy, patterns in wider.policies
        if policy.name not in known and (patterns is None or names(patterns, resource.reference))
    )


def _roles(policy: CompiledPolicy) -> set[str]:
    return {
        pattern.removeprefix("role:")
        for pattern in policy.document.subjects
        if pattern.startswith("role:")
    }
