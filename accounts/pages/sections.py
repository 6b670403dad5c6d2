"""The parts of "My account", each a page of its own; higher floors add theirs."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Section:
    """`title` and `text` are what people read, `view` is the name of the page; a low `rank` comes first."""

    title: Any
    text: Any
    view: str
    rank: int


_sections: dict[str, Section] = {}


def register(section: Section) -> None:
    """Called from an app's `ready()`."""
    _sections[section.view] = section


def sections() -> tuple[Section, ...]:
    """In the order in which people see them."""
    return tuple(sorted(_sections.values(), key=lambda section: section.rank))
