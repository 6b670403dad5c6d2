"""What one subject may do, resource by resource."""

from dataclasses import dataclass, field, replace

from authz import directories
from authz.engine.narrowing import either
from authz.services import candidates, decisions, search
from authz.services.decisions import Question
from authz.services.entities import KnownEntity
from authz.services.search import Budget, Position


@dataclass(frozen=True, slots=True)
class Permitted:
    """A resource (`<type>:<id>`) and the actions that the subject may take with it, at least one."""

    resource: str
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: in which type, and where in it."""

    type: str = ""
    position: Position = field(default_factory=Position)


@dataclass(frozen=True, slots=True)
class PermittedPage:
    """`following` is where the next page begins, None on the last."""

    results: list[Permitted]
    following: Place | None


def permitted(question: Question, *, start: Place, limit: int) -> PermittedPage:
    """For the subject of `question`, in its context; its action and resource are ignored.

    Goes through all types of resources, and within each decides about every named action.
    """
    known = decisions.gather([question.subject])
    actions = search.action_names(known.policies)
    types = sorted(
        {*directories.registry.types(), *known.stored_types, *known.policies.named_types()}
    )
    budget = Budget()
    results: list[Permitted] = []
    for kind in types:
        if kind < start.type:
            continue
        demand = either(
            search.demand_for(known, replace(question, action=action), "resource", kind)
            for action in actions
        )
        places = candidates.sources(kind, demand=demand, policies=known.policies, asserted=())

        def decide(found: KnownEntity) -> Permitted | None:
            allowed = tuple(
                action
                for action in actions
                if search.says_yes(known, question, action=action, resource=found)
            )
            return Permitted(found.entity.reference, allowed) if allowed else None

        page = search.scan(
            kind,
            places,
            decide,
            start=start.position if kind == start.type else Position(),
            limit=limit - len(results),
            budget=budget,
        )
        results += page.results
        if page.following is not None:
            return PermittedPage(results, Place(kind, page.following))
    return PermittedPage(results, None)
