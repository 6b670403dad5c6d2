"""Where a search finds the entities that it decides about: our own rows, what is stored, and what policies name."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from authz import directories
from authz.engine.narrowing import (
    ID,
    Anything,
    Both,
    Demand,
    Either,
    HoldsRole,
    Impossible,
    Wanted,
)
from authz.engine.policyset import PolicySet
from authz.models import Entity
from authz.services.entities import is_ours

MOST_VALUES = 20  # of an `in` that becomes alternatives of a query

Translate = Callable[[Wanted | HoldsRole], Q | None]
Ids = Callable[[str, int], list[str]]  # after which id, how many at most


ORDER = ("ours", "stored", "named")  # in which searches go through the places
SAFE_INTEGER = 2**53  # beyond it a float and the number that PostgreSQL reads of it may differ


@dataclass(frozen=True, slots=True)
class Source:
    """One place with entities of one type, in an order of its own: the place's name is part of a page's token."""

    name: str
    ids: Ids

    @property
    def order(self) -> int:
        return order_of(self.name)


def order_of(name: str) -> int:
    """Which of the places it is; "" and what is none count as before the first."""
    return ORDER.index(name) if name in ORDER else -1


def sources(
    entity_type: str, *, demand: Demand, policies: PolicySet, asserted: Collection[str]
) -> list[Source]:
    """All places, each narrowed as far as it can be. Of attributes in `asserted` the rows have nothing to say."""
    places: list[Source] = []
    directory = directories.registry.get(entity_type)
    if directory is not None:
        where = _condition(demand, _for_rows(directory), asserted)
        if where is not None:
            places.append(Source("ours", _rows(directory, where)))
    where = _condition(demand, _for_stored, asserted)
    if where is not None:
        places.append(Source("stored", _stored(entity_type, where)))
    places.append(Source("named", _named(entity_type, policies.named_entities(entity_type))))
    return places


def _rows(directory: directories.Directory, where: Q) -> Ids:
    return lambda after, limit: directory.ids(after=after, limit=limit, where=where)


def _stored(entity_type: str, where: Q) -> Ids:
    def ids(after: str, limit: int) -> list[str]:
        rows = Entity.objects.of_type(entity_type).filter(where, identifier__gt=after)
        return list(rows.order_by("identifier").values_list("identifier", flat=True)[:limit])

    return ids


def _named(entity_type: str, identifiers: Iterable[str]) -> Ids:
    """Those that are known in no other way."""

    def ids(after: str, limit: int) -> list[str]:
        left = [
            identifier
            for identifier in sorted(identifiers)
            if identifier > after and not is_ours(f"{entity_type}:{identifier}")
        ]
        rows = Entity.objects.of_type(entity_type).filter(identifier__in=left)
        stored = set(rows.values_list("identifier", flat=True)) if left else set()
        return [identifier for identifier in left if identifier not in stored][:limit]

    return ids


def _condition(demand: Demand, translate: Translate, asserted: Collection[str]) -> Q | None:
    """The demand as a condition on rows; None when no row can meet it."""
    match demand:
        case Anything():
            return Q()
        case Impossible():
            return None
        case Both(parts):
            found = [_condition(part, translate, asserted) for part in parts]
            return None if None in found else _all_of(filter(None, found))
        case Either(parts):
            possible = [_condition(part, translate, asserted) for part in parts]
            return _any_of([one for one in possible if one is not None])
        case Wanted((name, *_)) if name in asserted:
            return Q()
        case Wanted() | HoldsRole():
            return translate(demand)


def _all_of(conditions: Iterable[Q]) -> Q:
    whole = Q()
    for condition in conditions:
        whole &= condition
    return whole


def _any_of(conditions: list[Q]) -> Q | None:
    """An empty Q holds for every row, and `|` would lose it."""
    if not conditions:
        return None
    whole = conditions[0]
    for condition in conditions:
        if not condition:
            return Q()
        whole |= condition
    return whole


def _for_rows(directory: directories.Directory) -> Translate:
    def translate(demand: Wanted | HoldsRole) -> Q | None:
        if isinstance(demand, HoldsRole):
            return directory.narrow(Wanted(("roles",), "contains", demand.name)) or Q()
        if (demand.steps, demand.operator) == (ID, "in"):
            keys = [key for text in demand.operand if (key := directory.key(text)) is not None]
            return Q(**{f"{directory.column}__in": keys}) if keys else None
        return directory.narrow(demand) or Q()

    return translate


def _for_stored(demand: Wanted | HoldsRole) -> Q | None:
    """By PostgreSQL's containment of JSON, which holds wherever the language says that two values are equal."""
    condition: Q | None = Q()
    match demand:
        case HoldsRole():
            condition = None  # what is stored gives no roles
        case Wanted(("id",), "in", identifiers):
            condition = Q(identifier__in=identifiers)
        case Wanted(("id" | "type", *_)):
            pass
        case Wanted(steps, "eq", value):
            condition = _holds(steps, value)
        case Wanted(steps, "contains", value):
            condition = _holds(steps, [value])
        case Wanted(steps, "in", options) if len(options) <= MOST_VALUES:
            condition = _any_of([_holds(steps, value) for value in options])
    return condition


def _holds(steps: tuple[str, ...], value: Any) -> Q:
    scalar = value[0] if isinstance(value, list) else value
    if isinstance(scalar, int | float) and abs(scalar) >= SAFE_INTEGER:
        return Q()
    for step in reversed(steps):
        value = {step: value}
    return Q(properties__contains=value)
