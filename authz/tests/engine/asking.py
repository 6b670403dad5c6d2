"""Short ways to ask the engine in tests."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from authz.engine.conditions import compile_condition
from authz.engine.decide import candidates_for, decide
from authz.engine.document import parse
from authz.engine.frame import Entity, Frame
from authz.engine.outcomes import Outcome, Unknown
from authz.engine.policyset import CompiledPolicy, PolicySet
from authz.engine.verdict import Verdict

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # a Monday


class Heard:
    """A recorder that keeps what it was told."""

    def __init__(self) -> None:
        self.unknowns: list[tuple[str, Unknown]] = []

    def unknown(self, policy: CompiledPolicy, why: Unknown) -> None:
        self.unknowns.append((policy.name, why))


def policy(**changes: Any) -> dict[str, Any]:
    """A policy that allows everybody everything, changed as asked."""
    document = {
        "name": "open-house",
        "effect": "allow",
        "subjects": ["user:*"],
        "actions": ["*"],
        "resources": ["*"],
    }
    return document | changes


def outcome(
    condition: Mapping[str, Any],
    *,
    subject: Mapping[str, Any] | None = None,
    resource: Mapping[str, Any] | None = None,
    context: Mapping[str, Any] | None = None,
    now: datetime = NOON,
) -> Outcome:
    """What a condition, as JSON, comes to."""
    parsed = parse(policy(condition=condition)).condition
    assert parsed is not None
    frame = Frame(
        subject=subject or {},
        action={"name": "trade:place_order"},
        resource=resource or {},
        context=context or {},
        now=now,
    )
    return compile_condition(parsed)(frame)


def ask(
    policies: PolicySet | Iterable[Mapping[str, Any]],
    *,
    subject: str = "user:usr_1",
    action: str = "trade:place_order",
    resource: str = "trading_account:acc_1",
    subject_attributes: Mapping[str, Any] | None = None,
    resource_attributes: Mapping[str, Any] | None = None,
    context: Mapping[str, Any] | None = None,
    now: datetime = NOON,
    heard: Heard | None = None,
) -> Verdict:
    """What a set of policies, as JSON, answers."""
    built = (
        policies
        if isinstance(policies, PolicySet)
        else PolicySet.build(parse(dict(document)) for document in policies)
    )
    who = Entity.known(subject, subject_attributes or {})
    what = Entity.known(resource, resource_attributes or {})
    return decide(
        candidates_for(built, subject=who, action=action, resource=what),
        subject=who,
        action=action,
        resource=what,
        context=context or {},
        now=now,
        recorder=heard or Heard(),
    )
