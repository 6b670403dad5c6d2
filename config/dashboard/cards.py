"""What a card is made of, and the register of all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from config.dashboard.span import Span


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number and what it counts. `query` narrows the list behind it to what was counted."""

    text: Any
    value: str
    query: Mapping[str, str] = field(default_factory=dict)
    tone: str = ""


@dataclass(frozen=True, kw_only=True)
class Series:
    """One number for each bucket of the span."""

    text: Any
    values: list[int]
    tone: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of a list; `model` and `key` name the row of the console that it leads to."""

    texts: tuple[Any, ...]
    model: str
    key: Any
    tone: str = ""


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What a card shows. `span` is that of the chart, where it is cut otherwise than the page's. `empty` is said where
    there are no rows, with what to do next.
    """

    figures: tuple[Figure, ...] = ()
    chart: tuple[Series, ...] = ()
    span: Span | None = None
    rows: tuple[Row, ...] = ()
    empty: Any = ""


@dataclass(frozen=True, kw_only=True)
class Card:
    """`model` (`accounts.Session`) is the list behind it: whoever may see that list sees the card. `draw` makes a
    number of queries that does not depend on what is in the database.
    """

    title: Any
    model: str
    draw: Callable[[Span], Drawn]
    order: int
    wide: bool = False


_cards: list[Card] = []


def register(*cards: Card) -> None:
    """For the `dashboard.py` of an app."""
    _cards.extend(cards)
    _cards.sort(key=lambda card: card.order)


def registered() -> tuple[Card, ...]:
    return tuple(_cards)
