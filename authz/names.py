"""What entities are called and where the console shows them, for the eyes of staff: `Asha Rao, asha@example.com` in
place of `user:usr_…`. An app registers the naming of its types in its `apps.py`, beside their directories.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from authz.directories import registry
from authz.engine import references

May = Callable[[str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """Of one type. `scope` is what staff must hold to be told, `view` the console's page for the key of a row, `text`
    the name of a row, and `search` finds rows by part of a name.
    """

    scope: str
    view: str
    text: Callable[[Any], str]
    search: Callable[[str], QuerySet[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An entity. `page` is empty for one that the console does not know, or not show to whoever asks."""

    reference: str
    text: str
    page: str = ""


_namings: dict[str, Naming] = {}


def register_naming(entity_type: str, naming: Naming) -> None:
    """Called from an app's `ready()`."""
    _namings[entity_type] = naming


def named(wanted: Iterable[str], *, may: May) -> dict[str, Named]:
    """Each reference with its name, in one query for each type. What has none, or none that whoever asks `may` be told
    (by scope), is called by its reference.
    """
    found = {reference: Named(reference=reference, text=reference) for reference in wanted}
    by_type: dict[str, list[str]] = defaultdict(list)
    for reference in found:
        kind, identifier = references.split(reference)
        by_type[kind].append(identifier)
    for kind, identifiers in by_type.items():
        found |= _named(kind, identifiers, may)
    return found


def found_by(text: str, *, may: May, limit: int) -> list[Named]:
    """The entities that part of a name finds, up to `limit` of each type that whoever asks `may` be told of."""
    found: list[Named] = []
    for kind, naming in sorted(_namings.items(), key=lambda item: item[0] != "user"):
        directory = registry.get(kind)
        if directory is not None and may(naming.scope):
            rows = naming.search(text)[:limit]
            found += [
                _of(kind, directory.name(getattr(row, directory.column)), row, naming)
                for row in rows
            ]
    return found


def _named(kind: str, identifiers: list[str], may: May) -> Mapping[str, Named]:
    naming, directory = _namings.get(kind), registry.get(kind)
    if naming is None or directory is None or not may(naming.scope):
        return {}
    keys = [key for identifier in identifiers if (key := directory.key(identifier)) is not None]
    rows = directory.rows().filter(**{f"{directory.column}__in": keys}) if keys else ()
    return {
        one.reference: one
        for row in rows
        for one in (_of(kind, directory.name(getattr(row, directory.column)), row, naming),)
    }


def _of(kind: str, identifier: str, row: Any, naming: Naming) -> Named:
    return Named(
        reference=f"{kind}:{identifier}",
        text=naming.text(row),
        page=reverse(naming.view, args=[row.pk]),
    )
