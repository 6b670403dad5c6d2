"""Filters by the values that a column has, without reading the whole table to find them."""

from typing import Any

from django.contrib import admin
from django.db.models import Min, QuerySet

MOST = 50  # values that a filter offers


def values_in(rows: QuerySet[Any], field: str) -> list[Any]:
    """The values of `field` among `rows`, each found by one look into an index that `field` leads; `MOST` at most."""
    found: list[Any] = []
    while len(found) < MOST:
        beyond = rows.filter(**{f"{field}__gt": found[-1]}) if found else rows
        value = beyond.order_by().aggregate(least=Min(field))["least"]
        if value is None:
            break
        found.append(value)
    return found


class IndexedValues(admin.AllValuesFieldListFilter):
    """For a column that an index leads, of all rows or of those that `indexed_rows` of the page's model gives."""

    def __init__(
        self, field: Any, request: Any, params: Any, model: Any, *rest: Any, **named: Any
    ) -> None:
        super().__init__(field, request, params, model, *rest, **named)
        rows = getattr(model, "indexed_rows", model._default_manager.all)()
        found: Any = values_in(rows, field.name)
        self.lookup_choices = found
