"""Erasing what is held of a person, model by model. Killed anywhere, it is begun again and finishes."""

from dataclasses import dataclass

from django.db import transaction

from audit.privacy.registry import LAST, Fate, Holding, Person, holdings


@dataclass(frozen=True, kw_only=True)
class Found:
    """How many rows of `model` are a person's, and what an erasure does to them."""

    model: str
    rows: int
    fate: Fate
    why: str


def look(person: Person) -> tuple[Found, ...]:
    """What an erasure would find, in its order; changes nothing."""
    return tuple(
        Found(model=each.model, rows=each.rows(person).count(), fate=each.fate, why=each.why)
        for each in holdings()
    )


def erase(person: Person) -> dict[str, int]:
    """Erase all of it; returns how many rows were deleted or anonymised, by model.

    Each model is a transaction of its own; the trail and the person's own row are the last, together. Raises
    EventsPendingError, and what ending things through their services may raise.
    """
    changed = {}
    before = [each for each in holdings() if each.turn < LAST]
    for holding in before:
        if holding.first is not None:
            holding.first(person)
        with transaction.atomic():
            changed[holding.model] = _erase(holding, person)
    with transaction.atomic():
        for holding in holdings()[len(before) :]:
            changed[holding.model] = _erase(holding, person)
    return {model: rows for model, rows in changed.items() if rows}


def left(person: Person) -> dict[str, int]:
    """Rows that an erasure would delete, by model: after one, what somebody wrote who had begun before it."""
    deleted = (each for each in holdings() if each.fate == Fate.DELETED)
    found = {each.model: each.rows(person).count() for each in deleted}
    return {model: rows for model, rows in found.items() if rows}


def _erase(holding: Holding, person: Person) -> int:
    if holding.erase is not None:
        return holding.erase(person)
    if holding.fate == Fate.DELETED:
        return int(holding.rows(person).delete()[0])
    if holding.fate == Fate.ANONYMISED:
        rows = holding.rows(person).exclude(**holding.blank)
        return int(rows.update(**holding.blank))
    return 0
