"""Policies to start from: the usual questions, answered as far as one can without knowing the names."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "starting_points"


@dataclass(frozen=True, slots=True)
class StartingPoint:
    """`title` is its description, `document` a whole policy that compiles."""

    name: str
    title: str
    document: dict[str, Any]


@cache
def starting_points() -> tuple[StartingPoint, ...]:
    """All of them, in the order of their names."""
    documents = [json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))]
    return tuple(
        StartingPoint(document["name"], document["description"], document) for document in documents
    )


def named(name: str) -> StartingPoint:
    """The one of this name; the first for a name that there is not."""
    return next((one for one in starting_points() if one.name == name), starting_points()[0])
