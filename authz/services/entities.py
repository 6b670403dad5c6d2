"""Subjects and resources with what we know of them: remembered under their stamps, loaded many at a time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from authz.attributes import AttributeProvider, Attributes, registry
from authz.engine.frame import Entity
from authz.engine.references import split
from authz.freshness.ledger import Stamps
from authz.freshness.memory import StampedMemory
from authz.metrics import ATTRIBUTE_LOADS


@dataclass(frozen=True, slots=True)
class KnownEntity:
    """`good_until` is when the attributes change by the passing of time; None when they don't."""

    entity: Entity
    good_until: datetime | None = None


_memory: StampedMemory[KnownEntity] = StampedMemory(
    lambda: settings.ENVIRONMENT.attribute_cache_size
)


def ours(references: Iterable[str]) -> set[str]:
    """Those of a type that somebody here answers for: they have stamps."""
    return {reference for reference in references if registry.knows(split(reference)[0])}


def load(references: Iterable[str], *, stamps: Stamps, now: datetime) -> dict[str, KnownEntity]:
    """Every entity by its reference. One that does not exist, or whose type is not ours, has no attributes."""
    found: dict[str, KnownEntity] = {}
    missing: dict[str, list[str]] = defaultdict(list)
    for reference in references:
        if reference not in stamps:
            found[reference] = KnownEntity(Entity.known(reference, {}))
            continue
        known = _memory.recall(reference, stamps[reference])
        if known is not None and (known.good_until is None or known.good_until > now):
            found[reference] = known
        else:
            kind, identifier = split(reference)
            missing[kind].append(identifier)
    for kind, identifiers in missing.items():
        found |= _load(kind, identifiers, stamps=stamps, now=now)
    return found


def _load(
    kind: str, identifiers: list[str], *, stamps: Stamps, now: datetime
) -> dict[str, KnownEntity]:
    ATTRIBUTE_LOADS.labels(kind).inc(len(identifiers))
    parts = [_ask(provider, identifiers) for provider in registry.providers(kind)]
    loaded: dict[str, KnownEntity] = {}
    for identifier in identifiers:
        reference = f"{kind}:{identifier}"
        known = _merge(reference, [part[identifier] for part in parts if identifier in part], now)
        loaded[reference] = known
        if not connection.in_atomic_block:  # else it may be what never comes to be
            _memory.remember(reference, stamps[reference], known)
    return loaded


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
