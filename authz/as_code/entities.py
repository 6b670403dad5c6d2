"""Stored entities as files: `{type, id, properties}`."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from authz.engine.errors import Flaw, PolicyError
from authz.models import Entity
from authz.services import stored_entities
from authz.services.authorship import SYSTEM
from authz.services.case_runs import Watched
from authz.services.stored_entities import Draft
from config.http.problems import ProblemError

MEMBERS = {"type": str, "id": str, "properties": dict}
LONGEST_NAME = 150  # of a file, which no file system cuts


class EntityPart:
    """A folder without entities says nothing of them: they mostly come from clients, and no import takes those away."""

    folder = "entities"
    always = False

    def __init__(self) -> None:
        self._drafts: dict[str, Draft] = {}

    def stored(self) -> Mapping[str, Any]:
        values: dict[str, Any] = {}
        for entity in Entity.objects.iterator():
            draft = Draft(
                type=entity.type_id, identifier=entity.identifier, properties=entity.properties
            )
            name = _name(draft)
            self._drafts[name] = draft
            values[name] = {
                "type": draft.type,
                "id": draft.identifier,
                "properties": draft.properties,
            }
        return values

    def name_of(self, value: Any) -> str:
        if not isinstance(value, dict) or value.keys() != MEMBERS.keys():
            raise PolicyError([Flaw("", "type", f"An object with {', '.join(MEMBERS)}.")])
        flaws = [
            Flaw(name, "type", "Must be an object." if kind is dict else "Must be a string.")
            for name, kind in MEMBERS.items()
            if not isinstance(value[name], kind)
        ]
        if flaws:
            raise PolicyError(flaws)
        draft = _draft(value)
        try:
            stored_entities.demand_sound([draft])
        except ProblemError as problem:
            flaws = [Flaw(error.field, error.code, error.detail) for error in problem.errors]
            raise PolicyError(flaws or [Flaw("id", problem.slug, problem.detail)]) from None
        return _name(draft)

    def write(self, value: Any, *, reason: str, within: Watched) -> None:
        stored_entities.put(draft=_draft(value), by=SYSTEM)

    def remove(self, name: str, *, reason: str, within: Watched) -> None:
        draft = self._drafts[name]
        stored_entities.delete(entity_type=draft.type, identifier=draft.identifier, by=SYSTEM)

    def after(self) -> Iterator[tuple[str, Flaw]]:
        yield from ()


def _draft(value: dict[str, Any]) -> Draft:
    return Draft(type=value["type"], identifier=value["id"], properties=value["properties"])


def _name(draft: Draft) -> str:
    """The name of its file: readable where that is possible, and never that of another."""
    readable = f"{draft.type}.{quote(draft.identifier, safe='')}"
    if len(readable) <= LONGEST_NAME:
        return readable
    return f"{draft.type}.{sha256(draft.identifier.encode()).hexdigest()}"
