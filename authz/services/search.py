"""Who may, what may be done, and with what: pages of entities that `check` would say yes to.

The conditions of policies are evaluated as far as the question allows, and what is left narrows the query; whatever the
query finds is decided like any question, so that a page never says more than `check`, nor less.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.utils import timezone

from authz import directories
from authz.engine.frame import Frame
from authz.engine.narrowing import (
    ANYTHING,
    Demand,
    HoldsRole,
    Sought,
    both,
    demand_of,
    either,
    with_id,
)
from authz.engine.patterns import Pattern
from authz.engine.policyset import PolicySet
from authz.engine.references import is_action, is_entity
from authz.services import candidates, decisions, entities
from authz.services.decisions import Known, Question
from authz.services.entities import KnownEntity

Found = TypeVar("Found")
CHUNK = 200  # entities that are read and decided together
ANY_ID = "x"  # in place of the id of what is sought


@dataclass(frozen=True, slots=True)
class Position:
    """After which id of which source a page begins."""

    source: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Page(Generic[Found]):
    """`following` is where the next page begins, None on the last."""

    results: list[Found]
    following: Position | None


@dataclass(slots=True)
class Budget:
    """How many entities may still be decided for this request."""

    left: int = field(default_factory=lambda: settings.ENVIRONMENT.search_scan_limit)


def search_subjects(question: Question, *, start: Position, limit: int) -> Page[str]:
    """The ids of subjects that `question` is true of; whatever id its own subject has is ignored."""
    kind = question.subject.partition(":")[0]
    return _search(question, "subject", kind, start=start, limit=limit)


def search_resources(question: Question, *, start: Position, limit: int) -> Page[str]:
    """The ids of resources that `question` is true of; whatever id its own resource has is ignored."""
    kind = question.resource.partition(":")[0]
    return _search(question, "resource", kind, start=start, limit=limit)


def search_actions(question: Question, *, start: Position, limit: int) -> Page[str]:
    """The names of actions, among those that policies or apps name, that `question` is true of."""
    if not (is_entity(question.subject) and is_entity(question.resource)):
        return Page([], None)
    known = decisions.gather(question.entities)
    names = [
        name
        for name in action_names(known.policies)
        if name > start.after and says_yes(known, question, action=name)
    ]
    if len(names) <= limit:
        return Page(names, None)
    return Page(names[:limit], Position("actions", names[limit - 1] if limit else start.after))


def action_names(policies: PolicySet) -> list[str]:
    """The actions that there are, as far as anybody has named them."""
    return sorted(policies.actions | directories.registry.actions())


def _search(
    question: Question, sought: Sought, kind: str, *, start: Position, limit: int
) -> Page[str]:
    given = question.resource if sought == "subject" else question.subject
    if not (is_entity(given) and is_entity(f"{kind}:{ANY_ID}") and is_action(question.action)):
        return Page([], None)
    known = decisions.gather([given])
    asserted = question.subject_properties if sought == "subject" else question.resource_properties
    demand = demand_for(known, question, sought, kind)
    places = candidates.sources(kind, demand=demand, policies=known.policies, asserted=asserted)

    def decide(found: KnownEntity) -> str | None:
        allowed = (
            says_yes(known, question, subject=found)
            if sought == "subject"
            else says_yes(known, question, resource=found)
        )
        return found.entity.reference.partition(":")[2] if allowed else None

    return scan(kind, places, decide, start=start, limit=limit, budget=Budget())


def says_yes(
    known: Known,
    question: Question,
    *,
    action: str = "",
    subject: KnownEntity | None = None,
    resource: KnownEntity | None = None,
) -> bool:
    """Whether the question is true with these in place of its own."""
    return decisions.would_allow(
        known.policies,
        question,
        action=action or question.action,
        subject=(subject or known.entities[question.subject]).asserting(
            question.subject_properties
        ),
        resource=(resource or known.entities[question.resource]).asserting(
            question.resource_properties
        ),
        now=known.now,
    )


def demand_for(known: Known, question: Question, sought: Sought, kind: str) -> Demand:
    """What must hold of a subject or resource of the kind for any policy to allow."""
    if sought == "subject":
        resource = known.entities[question.resource].asserting(question.resource_properties).entity
        frame = _frame(question, subject={}, resource=resource.attributes, now=known.now)
        policies = known.policies.allowing_subjects(
            kind, action=question.action, resource=resource.reference, resource_type=resource.type
        )
        return either(
            both([_named_subject(name), demand_of(policy.document.condition, frame, sought)])
            for policy, name in policies
        )
    subject = known.entities[question.subject].asserting(question.subject_properties).entity
    frame = _frame(question, subject=subject.attributes, resource={}, now=known.now)
    return either(
        both([_named_resource(pattern), demand_of(policy.document.condition, frame, sought)])
        for policy, pattern in known.policies.allowing_resources(
            kind, subject=subject.reference, roles=subject.roles, action=question.action
        )
    )


def _frame(
    question: Question, *, subject: Mapping[str, Any], resource: Mapping[str, Any], now: datetime
) -> Frame:
    return Frame(
        subject=subject,
        action={**question.action_properties, "name": question.action},
        resource=resource,
        context=question.context,
        now=now,
    )


def _named_subject(name: str) -> Demand:
    kind, _, rest = name.partition(":")
    if kind == "role":
        return HoldsRole(rest)
    return ANYTHING if rest == "*" else with_id([rest])


def _named_resource(pattern: Pattern) -> Demand:
    """A pattern with stars inside an id is left to the decision."""
    return with_id([pattern.text.partition(":")[2]]) if pattern.exact else ANYTHING


def scan(
    kind: str,
    places: list[candidates.Source],
    decide: Callable[[KnownEntity], Found | None],
    *,
    start: Position,
    limit: int,
    budget: Budget,
) -> Page[Found]:
    """Decide about entity after entity until there are `limit` results and one more, or the budget is used up."""
    results: list[Found] = []
    kept = start
    for position, found in _walk(kind, places, start, budget):
        result = decide(found)
        if result is not None:
            if len(results) == limit:
                return Page(results, kept)
            results.append(result)
        kept = position
    if budget.left > 0:
        return Page(results, None)
    return Page(results, kept)


def _walk(
    kind: str, places: list[candidates.Source], start: Position, budget: Budget
) -> Iterator[tuple[Position, KnownEntity]]:
    """Entities from `start` on, as the database has them now, each with the position behind it."""
    for place in places:
        if place.order < candidates.order_of(start.source):
            continue
        after = start.after if place.name == start.source else ""
        while budget.left > 0:
            wanted = min(CHUNK, budget.left)
            ids = place.ids(after, wanted)
            known = entities.read([f"{kind}:{one}" for one in ids], now=timezone.now())
            for after in ids:
                budget.left -= 1
                yield Position(place.name, after), known[f"{kind}:{after}"]
            if len(ids) < wanted:
                break
