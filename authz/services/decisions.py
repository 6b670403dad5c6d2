"""May this subject do this with that resource? The one way to ask, for the API and for our own code."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Literal

from django.conf import settings
from django.utils import timezone
from prometheus_client import Counter, Histogram

from authz.engine import references
from authz.engine.decide import candidates_for, decide
from authz.engine.outcomes import Unknown
from authz.engine.policyset import CompiledPolicy, PolicySet
from authz.engine.verdict import Reason
from authz.events import ENTITY_TYPES
from authz.freshness import stamps as freshness
from authz.metrics import DECISION_BATCH_SIZE, DECISION_DURATION, DECISIONS, POLICY_UNKNOWNS
from authz.recording import recorder
from authz.recording.noted import Noted
from authz.recording.snapshot import is_light
from authz.services import entities, entity_types, policy_sets
from authz.services.entities import KnownEntity
from config.http import context as request_context
from config.http.problems import FieldError, InvalidRequestError

Source = Literal["api", "authzen", "internal"]
NOTHING: Mapping[str, Any] = {}

ENTITY_FORM = "Written <type>:<id>, such as user:usr_… or trading_account:acc_…."
ACTION_FORM = "Words with colons between, such as trade:place_order."


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`subject` and `resource` are `<type>:<id>`; `context` is what conditions may see of the circumstances.

    The properties are what a caller says of the three; what we know ourselves they don't change.
    """

    subject: str
    action: str
    resource: str
    context: Mapping[str, Any] = field(default_factory=dict)
    subject_properties: Mapping[str, Any] = field(default_factory=dict)
    action_properties: Mapping[str, Any] = field(default_factory=dict)
    resource_properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def entities(self) -> tuple[str, str]:
        return self.subject, self.resource


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


class _Silence:
    """Counts nothing."""

    def unknown(self, policy: CompiledPolicy, why: Unknown) -> None:
        """A search has looked, and nobody has asked."""


_unknowns = _Unknowns()
_silence = _Silence()


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
    question = Question(subject=subject, action=action, resource=resource, context=context or {})
    if flaws := flaws_of(question):
        raise InvalidRequestError(errors=flaws)
    return check_known(question, source=source)


def check_known(
    question: Question, *, stamps: Mapping[str, str] = NOTHING, source: Source
) -> Decision:
    """Decide a question that is well formed. `stamps`: those of `stamps_wanted`, when they have just been read.

    Raises PolicySetBrokenError.
    """
    started = time.perf_counter()
    decision = answer(gather(question.entities, stamps=stamps), question, source=source)
    _duration(source).observe(time.perf_counter() - started)
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
    return check_many_known(questions, source=source)


def check_many_known(
    questions: Sequence[Question], *, stamps: Mapping[str, str] = NOTHING, source: Source
) -> list[Decision]:
    """Decide many questions that are well formed. Raises PolicySetBrokenError."""
    DECISION_BATCH_SIZE.labels(source).observe(len(questions))
    wanted = {entity for question in questions for entity in question.entities}
    known = gather(wanted, stamps=stamps)
    return [answer(known, question, source=source) for question in questions]


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that the answers to some questions are made from, as it is at `now`.

    `stored_types` are the types that clients have stored entities of.
    """

    policies: PolicySet
    entities: Mapping[str, KnownEntity]
    stored_types: frozenset[str]
    now: datetime


def stamps_wanted(references: Collection[str]) -> set[str]:
    """The freshness stamps that `gather` starts from: a caller who reads others as well reads them together."""
    stored = entity_types.known_last()
    return {
        freshness.POLICIES,
        ENTITY_TYPES,
        *entities.stamped(references, stored_types=stored),
    }


def gather(references: Collection[str], *, stamps: Mapping[str, str] = NOTHING) -> Known:
    """The policies and some entities, no older than this call, or than `stamps` when the caller has just read
    `stamps_wanted`.

    Raises PolicySetBrokenError.
    """
    stamps = dict(stamps or freshness.current(stamps_wanted(references)))
    policies = policy_sets.at(stamps[freshness.POLICIES])
    types = entity_types.at(stamps[ENTITY_TYPES])
    if unread := entities.stamped(references, stored_types=types) - stamps.keys():
        stamps |= freshness.current(unread)  # the first entity of a type has come
    now = timezone.now()
    return Known(policies, entities.load(references, stamps=stamps, now=now), types, now)


def answer(known: Known, question: Question, *, source: Source) -> Decision:
    """Decide one question that is well formed, about entities that are in `known`."""
    subject = known.entities[question.subject].asserting(question.subject_properties)
    resource = known.entities[question.resource].asserting(question.resource_properties)
    decision = _answer(known.policies, question, subject, resource, known.now)
    _counted(decision.allowed, source).inc()
    if recorder.wants(allowed=decision.allowed):
        recorder.note(
            _noted(question, decision, known.policies, about=(subject, resource), source=source)
        )
    return decision


def _noted(
    question: Question,
    decision: Decision,
    policies: PolicySet,
    *,
    about: tuple[KnownEntity, KnownEntity],
    source: Source,
) -> Noted:
    subject, resource = about
    return Noted(
        subject=question.subject,
        action=question.action,
        resource=question.resource,
        context=_if_light(question.context),
        subject_attributes=_if_light(subject.entity.attributes, question.subject_properties),
        resource_attributes=_if_light(resource.entity.attributes, question.resource_properties),
        action_properties=tuple(question.action_properties),
        allowed=decision.allowed,
        reason=decision.reason.value,
        policy=decision.policy,
        policy_version=policies.versions.get(decision.policy),
        fingerprint=policies.fingerprint,
        source=source,
        request_id=request_context.current().request_id,
        decided_at=decision.evaluated_at,
    )


def _if_light(
    attributes: Mapping[str, Any], sent: Mapping[str, Any] | None = None
) -> Mapping[str, Any] | None:
    """The attributes, unless what a caller sent among them is too much to wait in memory."""
    return attributes if is_light(attributes if sent is None else sent) else None


@cache
def _duration(source: Source) -> Histogram:
    return DECISION_DURATION.labels(source)


@cache
def _counted(allowed: bool, source: Source) -> Counter:
    return DECISIONS.labels("allow" if allowed else "deny", source)


def would_allow(
    policies: PolicySet,
    question: Question,
    *,
    action: str,
    subject: KnownEntity,
    resource: KnownEntity,
    now: datetime,
) -> bool:
    """What `answer` would say of these two and this action, for those who look for entities and actions: nobody has
    asked, so nothing is counted.
    """
    return decide(
        candidates_for(policies, subject=subject.entity, action=action, resource=resource.entity),
        subject=subject.entity,
        action=action,
        resource=resource.entity,
        context=question.context,
        now=now,
        recorder=_silence,
        action_properties=question.action_properties,
    ).allowed


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
        action_properties=question.action_properties,
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
    ttl: float = settings.ENVIRONMENT.decision_ttl
    for one in known:
        if one.good_until is not None:
            ttl = min(ttl, (one.good_until - now).total_seconds())
    return int(max(0, ttl))


def flaws_of(question: Question, prefix: str = "") -> list[FieldError]:
    """What is malformed in its three names; `prefix` is their place in a larger body."""
    flaws = [
        FieldError(f"{prefix}{name}", "malformed", ENTITY_FORM)
        for name, value in (("subject", question.subject), ("resource", question.resource))
        if not references.is_entity(value)
    ]
    if not references.is_action(question.action):
        flaws.append(FieldError(f"{prefix}action", "malformed", ACTION_FORM))
    return flaws
