"""Whole identifiers by which staff find a person, that other floors know: a broker user id, an account's id."""

from collections.abc import Callable, Collection
from uuid import UUID

Finder = Callable[[str], Collection[UUID]]

_finders: list[Finder] = []


def register(finder: Finder) -> None:
    """`finder(text)` gives the keys of the people whom `text`, an identifier of its kind, belongs to: by an index, and
    none for a text of another form.
    """
    _finders.append(finder)


def owners_of(text: str) -> set[UUID]:
    """Whose identifier `text` is, as any floor knows."""
    return {key for finder in _finders for key in finder(text)}
