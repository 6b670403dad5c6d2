"""The parts of "My account" that higher floors add, each a page of its own."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Section:
    """`title` and `text` are what people read, `view` is the name of the page."""

    title: Any
    text: Any
    view: str


_sections: dict[str, Section] = {}


def register(section: Section) -> None:
    """Called from an app's `ready()`."""
    _sections[section.view] = section


def sections() -> tuple[Section, ...]:
    """In the order in which they were registered."""
    return tuple(_sections.values())
