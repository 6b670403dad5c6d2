"""From objects that were never saved to rows, many at a time."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import connection, models

from config.bulk import copy_rows
from config.models import IdentifiedModel
from demo.chance import Chance

Row = TypeVar("Row", bound=IdentifiedModel)


def made_at(model: type[Row], moment: datetime, chance: Chance, **values: Any) -> Row:
    """An unsaved row that looks as if it had been made at `moment`."""
    key = chance.uuid(moment)
    return model(id=key, **({"created_at": moment, "updated_at": moment} | values))


def write(rows: Sequence[models.Model]) -> int:
    """Write rows of one model as they are: stamps that are set when a row is saved stay what they are here."""
    if rows:
        copy_rows(type(rows[0]), map(_values, rows))
    return len(rows)


def write_all(groups: Iterable[Sequence[models.Model]]) -> int:
    """Of several models, those first that others point at."""
    return sum(map(write, groups))


def _values(row: models.Model) -> list[Any]:
    return [
        field.get_db_prep_save(getattr(row, field.attname), connection=connection)
        for field in row._meta.local_concrete_fields
    ]
