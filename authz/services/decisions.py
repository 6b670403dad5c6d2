"""May this subject do this with that resource? The one way to ask, for the API and for our own code."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.conf import settings
from django.utils import timezone

from authz.engine import references
from authz.engine.decide import candidates_for, decide
from authz.engine.outcomes import Unknown
from authz.engine.policyset import CompiledPolicy, PolicySet
from authz.engine.verdict import Reason
from authz.freshness import stamps as freshness
from authz.metrics import DECISION_BATCH_SIZE, DECISION_DURATION, DECISIONS, POLICY_UNKNOWNS
from authz.recording import recorder
from authz.recording.noted import Noted
from authz.recording.snapshot import is_light
from authz.services import entities, policy_sets
from authz.services.entities import KnownEntity
from config.http import context as request_context
from config.http.problems import FieldError, InvalidRequestError

Source = Literal["api", "internal"]

ENTITY_FORM = "Written <type>:<id>, such as user:usr_… or trading_account:acc_…."
ACTION_FORM = "Words with colons between, such as trade:place_order."


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`subject` and `resource` are `<type>:<id>`; `context` is what conditions may see of the circumstances."""

    subject: str
    action: str
    resource: str
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`policy` is the name of the policy that decided, "" when none matched.

    `ttl` is for how many seconds the answer may be acted on without asking again. `obligations` are what whoever
    asked must see to when the answer is yes.
    """

    allowed: bool
    reason: Reason
    policy: str
    ttl: int
    obligations: Mapping[str, Any]
    evaluated_at: datetime


class _Unknowns:
    """Counts the conditions that came to nothing."""

    def unknown(self, policy: CompiledPolicy, why: Unknown) -> None:
        POLICY_UNKNOWNS.labels(why.value).inc()


_unknowns = _Unknowns()


def check(
    *,
    subject: str,
    action: str,
    resource: str,
    context: Mapping[str, Any] | None = None,
    source: Source = "internal",
) -> Decision:
    """Decide one question, from nothing older than this call.

    Raises InvalidRequestError naming the part that is malformed, PolicySetBrokenError.
    """
    started = time.perf_counter()
    question = Question(subject=subject, action=action, resource=resource, context=context or {})
    if flaws := flaws_of(question):
        raise InvalidRequestError(errors=flaws)
    (decision,) = _decide([question], source)
    DECISION_DURATION.labels(source).observe(time.perf_counter() - started)
    return decision


def check_many(questions: Sequence[Question], *, source: Source = "internal") -> list[Decision]:
    """Decide many questions, answered in their order, with one freshness check for all.

    Raises InvalidRequestError naming `checks.<index>.<part>`, PolicySetBrokenError.
    """
    flaws = [
        flaw
        for index, question in enumerate(questions)
        for flaw in flaws_of(question, f"checks.{index}.")
    ]
    if flaws:
        raise InvalidRequestError(errors=flaws)
    DECISION_BATCH_SIZE.labels(source).observe(len(questions))
    return _decide(questions, source)


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that the answers to some questions are made from, as it is at `now`."""

    policies: PolicySet
    entities: Mapping[str, KnownEntity]
    now: datetime


def gather(questions: Sequence[Question]) -> Known:
    """The policies and the entities that some questions are about, no older than this call.

    Raises PolicySetBrokenError.
    """
    wanted = {entity for question in questions for entity in (question.subject, question.resource)}
    stamps = freshness.current({freshness.POLICIES, *entities.ours(wanted)})
    policies = policy_sets.at(stamps[freshness.POLICIES])
    now = timezone.now()
    return Known(policies, entities.load(wanted, stamps=stamps, now=now), now)


def _decide(questions: Sequence[Question], source: Source) -> list[Decision]:
    known = gather(questions)
    found = known.entities
    decisions = [
        _answer(
            known.policies, question, found[question.subject], found[question.resource], known.now
        )
        for question in questions
    ]
    for question, decision in zip(questions, decisions, strict=True):
        DECISIONS.labels("allow" if decision.allowed else "deny", source).inc()
        if recorder.wants(allowed=decision.allowed):
            recorder.note(_noted(question, decision, known, source))
    return decisions


def _noted(question: Question, decision: Decision, known: Known, source: Source) -> Noted:
    return Noted(
        subject=question.subject,
        action=question.action,
        resource=question.resource,
        context=question.context if is_light(question.context) else None,
        subject_attributes=known.entities[question.subject].entity.attributes,
        resource_attributes=known.entities[question.resource].entity.attributes,
        allowed=decision.allowed,
        reason=decision.reason.value,
        policy=decision.policy,
        policy_version=known.policies.versions.get(decision.policy),
        fingerprint=known.policies.fingerprint,
        source=source,
        request_id=request_context.current().request_id,
        decided_at=decision.evaluated_at,
    )


def _answer(
    policies: PolicySet,
    question: Question,
    subject: KnownEntity,
    resource: KnownEntity,
    now: datetime,
) -> Decision:
    candidates = candidates_for(
        policies, subject=subject.entity, action=question.action, resource=resource.entity
    )
    verdict = decide(
        candidates,
        subject=subject.entity,
        action=question.action,
        resource=resource.entity,
        context=question.context,
        now=now,
        recorder=_unknowns,
    )
    return Decision(
        allowed=verdict.allowed,
        reason=verdict.reason,
        policy=verdict.policy,
        ttl=0 if candidates.use_clock else _ttl((subject, resource), now),
        obligations=verdict.obligations,
        evaluated_at=now,
    )


def _ttl(known: Sequence[KnownEntity], now: datetime) -> int:
    """Never past the moment at which an attribute changes by itself."""
    left = [(one.good_until - now).total_seconds() for one in known if one.good_until]
    return int(max(0, min([settings.ENVIRONMENT.decision_ttl, *left])))


def flaws_of(question: Question, prefix: str = "") -> list[FieldError]:
    """What is malformed about a question; the names of its parts begin with `prefix`."""
    flaws = [
        FieldError(f"{prefix}{name}", "malformed", ENTITY_FORM)
        for name, value in (("subject", question.subject), ("resource", question.resource))
        if not references.is_entity(value)
    ]
    if not references.is_action(question.action):
        flaws.append(FieldError(f"{prefix}action", "malformed", ACTION_FORM))
    return flaws
