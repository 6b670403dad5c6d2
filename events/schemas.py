"""JSON Schemas of event data, made from the event classes, and those that are published.

A published schema never changes: receivers rely on it. `events/published/` holds each as it was published, and a
different shape is a new version of the type. The dialect is JSON Schema 2020-12.
"""

import json
import types
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache
from inspect import cleandoc
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from events.domain import DomainEvent, outside_fields

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PUBLISHED = Path(__file__).with_name("published")

Schema = dict[str, Any]

SIMPLE: dict[Any, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    UUID: {"type": "string", "format": "uuid"},
    type(None): {"type": "null"},
    Any: {},
}


def schema_of(event: type[DomainEvent]) -> Schema:
    """The schema of what `event.data()` returns. Raises TypeError for a field of a type that has no JSON form."""
    hints = get_type_hints(event)
    names = [field.name for field in outside_fields(event)]
    return {
        "$schema": DIALECT,
        "title": event.full_type(),
        "type": "object",
        "properties": {name: _schema_of_type(hints[name]) for name in names},
        "required": names,
        "additionalProperties": False,
    }


def description_of(event: type[DomainEvent]) -> str:
    """What the class says of itself, for readers; no part of what is published. Empty when it says nothing."""
    text = event.__dict__.get("__doc__") or ""
    made_by_dataclass = text.startswith(f"{event.__name__}(")
    return "" if made_by_dataclass else cleandoc(text)


def published(folder: Path = PUBLISHED) -> dict[str, Schema]:
    """Every published schema by its full type, those whose class is gone included."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


@cache
def catalogue() -> Mapping[str, Schema]:
    """The published schemas, read once."""
    return published()


def changed(events: Mapping[str, type[DomainEvent]], folder: Path = PUBLISHED) -> list[str]:
    """The types among `events` whose class no longer has the shape that was published."""
    known = published(folder)
    return [
        name
        for name, event in sorted(events.items())
        if known.get(name, schema_of(event)) != schema_of(event)
    ]


def unpublished(events: Mapping[str, type[DomainEvent]], folder: Path = PUBLISHED) -> list[str]:
    """The types among `events` that have no published schema yet."""
    return sorted(events.keys() - published(folder).keys())


def publish(event: type[DomainEvent], folder: Path = PUBLISHED) -> Path:
    """Write the schema of `event`; returns where. Raises FileExistsError rather than change one."""
    path = folder / f"{event.full_type()}.json"
    with path.open("x") as file:
        file.write(json.dumps(schema_of(event), indent=2) + "\n")
    return path


def _schema_of_type(hint: Any) -> Schema:
    if hint in SIMPLE:
        return dict(SIMPLE[hint])
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"enum": [member.value for member in hint]}
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, types.UnionType):
        return {"anyOf": [_schema_of_type(argument) for argument in arguments]}
    if origin in (dict, Mapping) and arguments[0] is str:
        return {"type": "object", "additionalProperties": _schema_of_type(arguments[1])}
    if origin in (list, set, frozenset) or (origin is tuple and arguments[1:] == (...,)):
        unique = {"uniqueItems": True} if origin in (set, frozenset) else {}
        return {"type": "array", "items": _schema_of_type(arguments[0])} | unique
    raise TypeError(f"{hint!r} has no JSON form that an event may have")
