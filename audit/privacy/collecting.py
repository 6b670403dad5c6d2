"""A person's rows as JSON values, a page of rows at a time."""

import base64
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models

from audit.privacy.registry import Holding, Person
from config.ids import public_id

PAGE = 2000  # rows in memory at once


def rows_of(holding: Holding, person: Person) -> Iterator[dict[str, Any]]:
    """What the archive shows of the person's rows of one model, oldest first where keys sort by time."""
    for row in pages_of(holding, person):
        shown = {each.name: _value(row, each) for each in holding.fields}
        yield holding.shape(row, shown) if holding.shape else shown


def pages_of(holding: Holding, person: Person) -> Iterator[Any]:
    """The rows themselves, read page by page by their key."""
    ordered = holding.rows(person).order_by("pk")
    page = list(ordered[:PAGE])
    while page:
        yield from page
        page = list(ordered.filter(pk__gt=page[-1].pk)[:PAGE]) if len(page) == PAGE else []


def _value(row: Any, field: "models.Field[Any, Any]") -> Any:
    """Keys of our own rows are named as the outside knows them."""
    value = getattr(row, field.attname)
    model = field.related_model if field.is_relation else field.model if field.primary_key else None
    prefix = getattr(model, "PREFIX", "")
    return public_id(prefix, value) if prefix and isinstance(value, UUID) else _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
