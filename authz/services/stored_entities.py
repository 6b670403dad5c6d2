"""Storing and forgetting what others tell us of their entities."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from authz.directories import registry
from authz.engine import references
from authz.errors import EntityIsOursError, EntityNotFoundError
from authz.events import EntitiesStored, EntityDeleted
from authz.models import Entity, EntityType
from config.http.problems import MOST_ERRORS, FieldError, InvalidRequestError
from events.domain import emit

TYPE = re.compile(r"(?!role\Z)[a-z][a-z0-9_]{0,63}")
RESERVED = ("id", "type")

Precondition = Callable[[Entity | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An entity as somebody tells of it."""

    type: str
    identifier: str
    properties: Mapping[str, Any]

    @property
    def reference(self) -> str:
        return f"{self.type}:{self.identifier}"


def unconditional(_: Entity | None) -> None:
    """Whatever is stored may be replaced."""


def put(
    *, draft: Draft, by: str, precondition: Precondition = unconditional
) -> tuple[Entity, bool]:
    """Store one entity whole, in place of what was stored of it; and whether it is new.

    `precondition` sees what is there, if anything, and may refuse. Raises EntityIsOursError, InvalidRequestError.
    """
    demand_sound([draft])
    with transaction.atomic():
        new_types = _know_types([draft])
        stored = Entity.objects.named(draft.type, draft.identifier).select_for_update().first()
        precondition(stored)
        entity, created = Entity.objects.update_or_create(
            type_id=draft.type,
            identifier=draft.identifier,
            defaults={"properties": draft.properties},
        )
        emit(EntitiesStored(entities=(draft.reference,), first_of_types=new_types, by=by))
    return entity, created


def put_many(*, drafts: Sequence[Draft], by: str) -> int:
    """Store all of them or none; returns how many. Raises EntityIsOursError, InvalidRequestError."""
    most = settings.ENVIRONMENT.entity_batch_size
    if len(drafts) > most:
        raise InvalidRequestError(
            errors=[FieldError("entities", "too_many", f"At most {most} in one request.")]
        )
    demand_sound(drafts, lambda index: f"entities.{index}.")
    with transaction.atomic():
        new_types = _know_types(drafts)
        now = timezone.now()
        ordered = sorted(drafts, key=lambda draft: draft.reference)  # two at once don't deadlock
        Entity.objects.bulk_create(
            [
                Entity(
                    type_id=draft.type,
                    identifier=draft.identifier,
                    properties=draft.properties,
                    updated_at=now,
                )
                for draft in ordered
            ],
            update_conflicts=True,
            unique_fields=["type", "identifier"],
            update_fields=["properties", "updated_at"],
        )
        told = tuple(draft.reference for draft in ordered)
        emit(EntitiesStored(entities=told, first_of_types=new_types, by=by))
    return len(drafts)


def delete(
    *, entity_type: str, identifier: str, by: str, precondition: Precondition = unconditional
) -> None:
    """Forget an entity. Raises EntityNotFoundError."""
    with transaction.atomic():
        entity = Entity.objects.named(entity_type, identifier).select_for_update().first()
        if entity is None:
            raise EntityNotFoundError
        precondition(entity)
        entity.delete()
        emit(EntityDeleted(entities=(entity.reference,), by=by))


def _know_types(drafts: Sequence[Draft]) -> tuple[str, ...]:
    """Make sure that there is a row for each type; returns the names of the new ones.

    Somebody who inserts the same name at the same time waits for us, and then finds it there.
    """
    wanted = {draft.type for draft in drafts}
    known = set(EntityType.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    missing = sorted(wanted - known)
    EntityType.objects.bulk_create(
        [EntityType(name=name) for name in missing], ignore_conflicts=True
    )
    return tuple(missing)


def demand_sound(drafts: Sequence[Draft], place: Callable[[int], str] = lambda _: "") -> None:
    """Everything that is wrong with them, each at its `place(index)`. Raises EntityIsOursError, InvalidRequestError."""
    flaws: list[FieldError] = []
    seen: set[str] = set()
    for index, draft in enumerate(drafts):
        flaws += _flaws(draft, place(index))
        if draft.reference in seen:
            flaws.append(FieldError(f"{place(index)}id", "twice", "The request names it twice."))
        seen.add(draft.reference)
    if flaws:
        raise InvalidRequestError(errors=flaws[:MOST_ERRORS])
    ours = next((d for d in drafts if registry.is_ours(d.type, d.identifier)), None)
    if ours is not None:
        raise EntityIsOursError(f"Nothing can be stored of {ours.reference}.")


def _flaws(draft: Draft, place: str) -> list[FieldError]:
    if not TYPE.fullmatch(draft.type):
        detail = "A lower-case letter, then letters, digits and _, at most 64; not role."
        return [FieldError(f"{place}type", "malformed", detail)]
    if not references.is_entity(draft.reference):
        detail = "1 to 191 printable characters without blanks and *."
        return [FieldError(f"{place}id", "malformed", detail)]
    where = f"{place}properties"
    if taken := [name for name in RESERVED if name in draft.properties]:
        return [FieldError(f"{where}.{taken[0]}", "reserved", "It is in the entity's own name.")]
    wrong = _what_is_wrong(draft.properties)
    return [] if wrong is None else [FieldError(where, *wrong)]


def _what_is_wrong(properties: Mapping[str, Any]) -> tuple[str, str] | None:
    """A code and a detail for properties that cannot be stored."""
    deepest = settings.ENVIRONMENT.entity_properties_depth
    largest = settings.ENVIRONMENT.entity_properties_bytes
    if _depth(properties) > deepest:
        return "too_deep", f"Nested deeper than {deepest}."
    if _holds_nul(properties):
        return "invalid", "A string holds a NUL."
    try:
        size = len(orjson.dumps(properties))
    except orjson.JSONEncodeError:
        return (
            "invalid",
            "Holds what is no JSON value, half of a surrogate pair, or a number beyond 64 bits.",
        )
    return None if size <= largest else ("too_large", f"More than {largest:,} bytes.")


def _holds_nul(value: Any) -> bool:
    """Which PostgreSQL cannot store. Comes after the check of the depth."""
    match value:
        case str():
            return "\x00" in value
        case Mapping():
            return any(_holds_nul(name) or _holds_nul(item) for name, item in value.items())
        case list():
            return any(map(_holds_nul, value))
    return False


def _depth(value: Any) -> int:
    """1 for an object without containers in it. Without recursion: nobody has bounded what comes from a file."""
    level, depth = [value], 0
    while containers := [item for item in level if isinstance(item, Mapping | list)]:
        depth += 1
        if depth > settings.ENVIRONMENT.entity_properties_depth:
            break
        level = [
            item
            for one in containers
            for item in (one.values() if isinstance(one, Mapping) else one)
        ]
    return depth
