"""Which entities there are of our own types, and how a search goes through them.

An app registers a directory for a type in its `apps.py`, and narrowings for the attributes that it answers for.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q, QuerySet

from authz.engine.narrowing import Wanted

__all__ = [
    "Directory",
    "Wanted",
    "register_actions",
    "register_directory",
    "register_narrowing",
    "registry",
]


Narrowing = Callable[[Wanted], Q | None]


@dataclass(frozen=True, slots=True)
class Directory:
    """The entities of one type.

    `rows()` are those that exist. `key(id)` is the value of `column` for an id of our form and None for any other text;
    `name(value)` is the way back.
    """

    rows: Callable[[], QuerySet[Any]]
    key: Callable[[str], Any | None]
    name: Callable[[Any], str]
    column: str = "pk"
    narrowings: list[Narrowing] = field(default_factory=list)

    def narrow(self, wanted: Wanted) -> Q | None:
        """A condition on the rows that holds wherever the test does. None when nobody knows one: look at them all."""
        for narrowing in self.narrowings:
            condition = narrowing(wanted)
            if condition is not None:
                return condition
        return None

    def ids(self, *, after: str, limit: int, where: Q) -> list[str]:
        """Up to `limit` ids of existing entities in the order of their keys, those that come after `after`."""
        rows = self.rows().filter(where).order_by(self.column)
        if after:
            rows = rows.filter(**{f"{self.column}__gt": self.key(after)})
        return [self.name(value) for value in rows.values_list(self.column, flat=True)[:limit]]


class DirectoryRegistry:
    """The directories by type of entity."""

    def __init__(self) -> None:
        self._directories: dict[str, Directory] = {}
        self._waiting: dict[str, list[Narrowing]] = {}
        self._actions: set[str] = set()

    def register(self, entity_type: str, directory: Directory) -> None:
        """Raises ImproperlyConfigured when the type has one already."""
        if entity_type in self._directories:
            raise ImproperlyConfigured(f"Two directories of {entity_type!r}")
        self._directories[entity_type] = directory
        directory.narrowings.extend(self._waiting.pop(entity_type, ()))

    def register_narrowing(self, entity_type: str, narrowing: Narrowing) -> None:
        directory = self._directories.get(entity_type)
        kept = (
            self._waiting.setdefault(entity_type, []) if directory is None else directory.narrowings
        )
        kept.append(narrowing)

    def register_actions(self, names: frozenset[str]) -> None:
        self._actions |= names

    def get(self, entity_type: str) -> Directory | None:
        return self._directories.get(entity_type)

    def types(self) -> Iterator[str]:
        yield from self._directories

    def actions(self) -> frozenset[str]:
        return frozenset(self._actions)

    def is_ours(self, entity_type: str, identifier: str) -> bool:
        """Whether only we ourselves can say what is true of this entity: its type has a directory, and its id our form.

        A type of ours may have entities of others as well (`user:alice`), as long as no id of ours looks like theirs.
        """
        directory = self._directories.get(entity_type)
        return directory is not None and directory.key(identifier) is not None


registry = DirectoryRegistry()


def register_directory(entity_type: str, directory: Directory) -> None:
    """Let searches go through the entities of `entity_type`. Raises ImproperlyConfigured when somebody did already."""
    registry.register(entity_type, directory)


def register_narrowing(entity_type: str, narrowing: Narrowing) -> None:
    """Let `narrowing` turn tests of attributes that it knows into conditions on the directory's rows.

    What it returns must hold for every entity of which the test is true; it may hold for more.
    """
    registry.register_narrowing(entity_type, narrowing)


def register_actions(*names: str) -> None:
    """Names of actions that searches know of even when policies speak of them by pattern alone (`trade:*`)."""
    registry.register_actions(frozenset(names))
