"""A policy as text: in the order in which people read it, and no longer than it needs to be."""

import json
from typing import Any

WIDTH = 88
ORDER = (
    "name",
    "description",
    "effect",
    "priority",
    "subjects",
    "actions",
    "resources",
    "condition",
    "obligations",
    "enabled",
    "attr",
)
PLACES = {name: place for place, name in enumerate(ORDER)}


def text_of(document: Any) -> str:
    """The document as it stands in the editor, each of its members on a line of its own: the database does not keep
    the order in which they came.
    """
    return _text(_in_order(document), 0, whole=True)


def _text(value: Any, indent: int, *, whole: bool = False) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value:
        return flat
    if indent + len(flat) <= WIDTH and not whole:
        return flat
    pad = " " * (indent + 2)
    if isinstance(value, dict):
        parts = [
            f"{json.dumps(name, ensure_ascii=False)}: {_text(part, indent + 2)}"
            for name, part in value.items()
        ]
        opening, closing = "{}"
    else:
        parts = [_text(part, indent + 2) for part in value]
        opening, closing = "[]"
    lines = ",\n".join(f"{pad}{part}" for part in parts)
    return f"{opening}\n{lines}\n{' ' * indent}{closing}"


def _in_order(value: Any) -> Any:
    if isinstance(value, dict):
        ordered = sorted(value.items(), key=lambda item: PLACES.get(item[0], len(ORDER)))
        return {name: _in_order(part) for name, part in ordered}
    return [_in_order(part) for part in value] if isinstance(value, list) else value
