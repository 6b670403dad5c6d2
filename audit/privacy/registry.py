"""What the tables hold of a person: declared by each app for each of its models, in its `privacy.py`.

A model is a `Holding`, which says which of its rows are a person's, what their archive shows of them and what an
erasure does to them; or it is declared by `nobody`, with the reason. A test walks all models and fails for one that is
neither.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import QuerySet

HASH = "a hash: it only tells whether a secret is the right one"
LAST = 100  # what goes from this turn on, goes in one transaction: the trail tells of it there
SEALED = "a secret that is sealed: nobody is shown it"


class Person(Protocol):
    """A saved row of AUTH_USER_MODEL."""

    @property
    def pk(self) -> UUID: ...
    @property
    def public_id(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def phone(self) -> str: ...


class Fate(StrEnum):
    """What an erasure does to a person's rows."""

    DELETED = "deleted"
    ANONYMISED = "anonymised"
    KEPT = "kept"


@dataclass(frozen=True, kw_only=True)
class Retention:
    """How long rows are kept. `setting` is the field of the settings that says so, `task` the name of the periodic task
    that sees to it; none for what goes only with its person or its purpose."""

    text: str
    setting: str = ""
    task: str = ""


WITH_THE_PERSON = Retention(text="until the person is erased")
Rows = Callable[[Person], "QuerySet[Any]"]


@dataclass(frozen=True, kw_only=True)
class Holding:
    """What `model` (`app.Name`) holds of a person.

    `area` is the file of the archive that shows it, empty for what is no part of it; `withheld` names the fields that
    are left out and why. `fate` is what an erasure does and `why` the reason; ANONYMISED sets the fields in `blank`.
    `first` ends what must not just vanish, through the services that do so; it may be called any number of times.
    `erase` does the whole work in place of deleting or blanking. Erasures go from the lowest `turn` to the highest.
    """

    model: str
    rows: Rows
    area: str = ""
    withheld: Mapping[str, str] = field(default_factory=dict)
    shape: Callable[[Any, dict[str, Any]], dict[str, Any]] | None = None
    fate: Fate
    why: str
    blank: Mapping[str, Any] = field(default_factory=dict)
    first: Callable[[Person], None] | None = None
    erase: Callable[[Person], int] | None = None
    turn: int = 50
    retention: Retention = WITH_THE_PERSON

    @property
    def fields(self) -> "list[models.Field[Any, Any]]":
        """What the archive shows of a row."""
        concrete = apps.get_model(self.model)._meta.concrete_fields
        return [each for each in concrete if each.name not in self.withheld]


@dataclass(frozen=True, kw_only=True)
class Impersonal:
    """A model that holds nothing of people, and why that is so."""

    model: str
    why: str
    retention: Retention


_declared: dict[str, Holding | Impersonal] = {}


def register(*holdings: Holding) -> None:
    """Called from an app's `ready()`."""
    _declared.update((holding.model, holding) for holding in holdings)


def nobody(why: str, *model_names: str, retention: Retention) -> None:
    """Declare models that hold nothing of any person, and why."""
    _declared.update(
        (name, Impersonal(model=name, why=why, retention=retention)) for name in model_names
    )


def declarations() -> tuple[Holding | Impersonal, ...]:
    """All of them, by the names of the models."""
    return tuple(_declared[name] for name in sorted(_declared))


def holdings() -> tuple[Holding, ...]:
    """Those that hold something, in the order in which they are erased."""
    found = [each for each in declarations() if isinstance(each, Holding)]
    return tuple(sorted(found, key=lambda each: (each.turn, each.model)))
