"""What a person's page is made of: panels, each declared by the app that knows, in its `panels.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from config.dashboard import links
from config.http.console import holds


class Person(Protocol):
    """A row of AUTH_USER_MODEL, as much of it as floors below its own need."""

    @property
    def pk(self) -> UUID: ...
    @property
    def public_id(self) -> str: ...
    @property
    def email(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Deed:
    """Something that may be done, by holders of `scope`: a page of the console (`admin:…` with `args`) asks why."""

    text: Any
    view: str
    scope: str
    args: tuple[Any, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing: a value for each column, the row of the console that the first leads to, and what may be done."""

    texts: tuple[Any, ...]
    model: str = ""
    key: Any = None
    tone: str = ""
    deeds: tuple[Deed, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a panel says of a person. `notes` are sentences above the lines; `empty` is said where there are neither.
    `query` narrows the list behind it to the person's.
    """

    columns: tuple[Any, ...] = ()
    lines: tuple[Line, ...] = ()
    notes: tuple[Any, ...] = ()
    empty: Any = ""
    query: Mapping[str, str] = field(default_factory=dict)
    deeds: tuple[Deed, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Panel:
    """`model` (`accounts.Session`) is the list behind it: whoever may see that list sees the panel. `draw` makes a
    number of queries that does not depend on what is in the database.
    """

    title: Any
    model: str
    draw: Callable[[Any], Content]
    order: int
    wide: bool = False


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A panel with the links that whoever looks may follow."""

    title: Any
    wide: bool
    link: str
    content: Content
    rows: list[tuple[list[tuple[Any, Any]], str, list[tuple[Any, str]], str]]
    deeds: list[tuple[Any, str]]

    @property
    def has_deeds(self) -> bool:
        """Whether there is anything that whoever looks may do about one of the lines."""
        return any(deeds for _, _, deeds, _ in self.rows)


_panels: list[Panel] = []


def register(*panels: Panel) -> None:
    """For the `panels.py` of an app."""
    _panels.extend(panels)
    _panels.sort(key=lambda panel: panel.order)


def shown_to(request: HttpRequest, person: Person) -> list[Shown]:
    """What is told of `person` to whoever asks, in the order of the story."""
    return [
        _shown(request, panel, panel.draw(person))
        for panel in _panels
        if links.may_see(request, panel.model)
    ]


def _shown(request: HttpRequest, panel: Panel, content: Content) -> Shown:
    opens = {
        line.model: bool(line.model) and links.may_see(request, line.model)
        for line in content.lines
    }
    return Shown(
        title=panel.title,
        wide=panel.wide,
        link=links.list_of(panel.model, content.query),
        content=content,
        rows=[
            (
                list(zip(content.columns, line.texts, strict=True)),
                links.row_of(line.model, line.key) if opens[line.model] else "",
                _allowed(request, line.deeds),
                line.tone,
            )
            for line in content.lines
        ],
        deeds=_allowed(request, content.deeds),
    )


def _allowed(request: HttpRequest, deeds: tuple[Deed, ...]) -> list[tuple[Any, str]]:
    return [(deed.text, _address(deed)) for deed in deeds if holds(request, deed.scope)]


def _address(deed: Deed) -> str:
    return reverse(deed.view, args=deed.args, query=deed.query or None)


def moment(at: datetime | None) -> str:
    """A time as a line tells it, in UTC."""
    return f"{at:%Y-%m-%d %H:%M}" if at else ""
