"""Subjects and resources with what we know of them: remembered under their stamps, loaded many at a time."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from authz import directories
from authz.attributes import RESERVED, AttributeProvider, Attributes, registry
from authz.engine.frame import Entity
from authz.engine.references import split
from authz.freshness.ledger import Stamps
from authz.freshness.memory import StampedMemory
from authz.metrics import ATTRIBUTE_LOADS
from authz.models import Entity as StoredEntity


@dataclass(frozen=True, slots=True)
class KnownEntity:
    """`good_until` is when the attributes change by the passing of time; None when they don't."""

    entity: Entity
    good_until: datetime | None = None

    def asserting(self, properties: Mapping[str, Any]) -> "KnownEntity":
        """With what a caller says of it. Of a type of ours nobody else says what we answer for ourselves."""
        if not properties:
            return self
        entity = self.entity
        taken = registry.names(entity.type)
        attributes = {
            **entity.attributes,
            **{name: value for name, value in properties.items() if name not in taken},
            **{name: entity.attributes[name] for name in RESERVED},
        }
        return KnownEntity(
            Entity(entity.reference, entity.type, attributes, entity.roles), self.good_until
        )


_memory: StampedMemory[KnownEntity] = StampedMemory(
    lambda: settings.ENVIRONMENT.attribute_cache_size
)


def is_ours(reference: str) -> bool:
    """Whether an app answers for this entity: its type is registered, and its id is of the form that ours have."""
    kind, identifier = split(reference)
    directory = directories.registry.get(kind)
    if directory is None:
        return registry.knows(kind)
    return directory.key(identifier) is not None


def entity_with(reference: str, attributes: Mapping[str, Any]) -> Entity:
    """The entity with attributes that it had: a role among them counts for one of ours alone."""
    make = Entity.known if is_ours(reference) else Entity.foreign
    return make(reference, attributes)


def stamped(references: Iterable[str], *, stored_types: Collection[str]) -> set[str]:
    """Those that somebody here answers for, or may have told us of: they have stamps."""
    return {
        reference
        for reference in references
        if (kind := split(reference)[0]) in stored_types or registry.knows(kind)
    }


def load(references: Iterable[str], *, stamps: Stamps, now: datetime) -> dict[str, KnownEntity]:
    """Every entity by its reference. One that does not exist, or of which nothing is known, has no attributes."""
    found: dict[str, KnownEntity] = {}
    missing: list[str] = []
    for reference in references:
        if reference not in stamps:
            found[reference] = KnownEntity(Entity.known(reference, {}))
            continue
        known = _memory.recall(reference, stamps[reference])
        if known is not None and (known.good_until is None or known.good_until > now):
            found[reference] = known
        else:
            missing.append(reference)
    if missing:
        loaded = read(missing, now=now)
        found |= loaded
        if not connection.in_atomic_block:  # else it may be what never comes to be
            for reference, known in loaded.items():
                _memory.remember(reference, stamps[reference], known)
    return found


def read(references: Iterable[str], *, now: datetime) -> dict[str, KnownEntity]:
    """The entities as the database has them at this moment."""
    ours: dict[str, list[str]] = defaultdict(list)
    others: list[str] = []
    for reference in references:
        if is_ours(reference):
            kind, identifier = split(reference)
            ours[kind].append(identifier)
        else:
            others.append(reference)
    found = _read_stored(others)
    for kind, identifiers in ours.items():
        found |= _read_ours(kind, identifiers, now=now)
    return found


def _read_ours(kind: str, identifiers: list[str], *, now: datetime) -> dict[str, KnownEntity]:
    ATTRIBUTE_LOADS.labels(kind).inc(len(identifiers))
    parts = [_ask(provider, identifiers) for provider in registry.providers(kind)]
    loaded: dict[str, KnownEntity] = {}
    for identifier in identifiers:
        reference = f"{kind}:{identifier}"
        known = [part[identifier] for part in parts if identifier in part]
        loaded[reference] = _merge(reference, known, now)
    return loaded


def _read_stored(references: list[str]) -> dict[str, KnownEntity]:
    """Whoever stores entities tells of attributes and gives no roles: see ADR 0140."""
    if not references:
        return {}
    ATTRIBUTE_LOADS.labels("stored").inc(len(references))
    rows = StoredEntity.objects.referenced([split(reference) for reference in references])
    properties = {row.reference: row.properties for row in rows}
    return {
        reference: KnownEntity(Entity.foreign(reference, properties.get(reference, {})))
        for reference in references
    }


def _ask(provider: AttributeProvider, identifiers: list[str]) -> Mapping[str, Attributes]:
    answer = provider.load(identifiers)
    for attributes in answer.values():
        if undeclared := attributes.values.keys() - provider.names:
            raise ImproperlyConfigured(
                f"{type(provider).__name__} answers for {', '.join(sorted(undeclared))} without saying so"
            )
    return answer


def _merge(reference: str, parts: list[Attributes], now: datetime) -> KnownEntity:
    """A time that lies behind us is no reason to ask again: what it changed is in the values already."""
    values = {name: _plain(value) for part in parts for name, value in part.values.items()}
    ends = [part.good_until for part in parts if part.good_until and part.good_until > now]
    return KnownEntity(Entity.known(reference, values), min(ends, default=None))


def _plain(value: Any) -> Any:
    """A JSON value of exactly the types that the language knows. Raises ImproperlyConfigured for anything else."""
    match value:
        case None | bool() | int() | float():
            return value
        case Enum():
            return _plain(value.value)
        case str():
            return str(value)
        case Mapping():
            return {str(name): _plain(item) for name, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case set() | frozenset():
            return frozenset(_plain(item) for item in value)
    raise ImproperlyConfigured(f"{type(value).__name__} is no attribute value")
