"""One question, one verdict."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from authz.engine.frame import Entity, Frame
from authz.engine.outcomes import Unknown
from authz.engine.patterns import Pattern
from authz.engine.policyset import Candidates, CompiledPolicy, PolicySet
from authz.engine.verdict import NO_POLICY, Verdict


class Recorder(Protocol):
    """Hears what happens on the way to a verdict; it cannot change it."""

    def unknown(self, policy: CompiledPolicy, why: Unknown) -> None:
        """The condition of `policy` came to nothing that can be relied on."""
        ...


def candidates_for(
    policies: PolicySet, *, subject: Entity, action: str, resource: Entity
) -> Candidates:
    """The policies that may concern a question, in the order in which they would decide it."""
    return policies.candidates(
        subject=subject.reference,
        subject_type=subject.type,
        roles=subject.roles,
        action=action,
        resource=resource.reference,
        resource_type=resource.type,
    )


def frame_of(
    *,
    subject: Entity,
    action: str,
    resource: Entity,
    context: Mapping[str, Any],
    now: datetime,
    action_properties: Mapping[str, Any] | None = None,
) -> Frame:
    """What the conditions of policies see of a question."""
    return Frame(
        subject=subject.attributes,
        action={**action_properties, "name": action} if action_properties else {"name": action},
        resource=resource.attributes,
        context=context,
        now=now,
    )


def decide(
    candidates: Candidates,
    *,
    subject: Entity,
    action: str,
    resource: Entity,
    context: Mapping[str, Any],
    now: datetime,
    recorder: Recorder,
    action_properties: Mapping[str, Any] | None = None,
) -> Verdict:
    """The first candidate that matches decides: they stand by priority, and denies before allows.

    An allow matches when its condition is true, a deny when it is true or unknown. When none matches, the answer
    is no.
    """
    frame = frame_of(
        subject=subject,
        action=action,
        resource=resource,
        context=context,
        now=now,
        action_properties=action_properties,
    )
    for policy, patterns in candidates.policies:
        if patterns is not None and not names(patterns, resource.reference):
            continue
        outcome = True if policy.condition is None else policy.condition(frame)
        if outcome is True:
            return policy.when_true
        if outcome is not False:
            recorder.unknown(policy, outcome)
            if policy.denies:
                return policy.when_unknown
    return NO_POLICY


def names(patterns: tuple[Pattern, ...], reference: str) -> bool:
    """Whether one of the patterns that an index could not settle stands for this resource."""
    return any(pattern.matches(reference) for pattern in patterns)
