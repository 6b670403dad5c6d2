"""The stamps in PostgreSQL: written with the change they tell of."""

from collections.abc import Collection

from django.db import connection

from authz.models import Stamp
from config.ids import new_uuid

NEVER = "never"  # the stamp of what has no row

Stamps = dict[str, str]


def renew(names: Collection[str]) -> None:
    """Give every name a stamp that nothing had before, in the transaction at hand.

    In the order of the names, so that two transactions with names in common wait for one another and don't deadlock.
    """
    ordered = sorted(names)
    table = connection.ops.quote_name(Stamp._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} (name, value) VALUES (%s, %s)"  # noqa: S608 - a table of ours
            " ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value",
            [(name, new_uuid()) for name in ordered],
        )


def read(names: Collection[str]) -> Stamps:
    """The stamp of every name as it is committed now, or as this transaction made it."""
    found = {
        name: value.hex
        for name, value in Stamp.objects.filter(name__in=names).values_list("name", "value")
    }
    return {name: found.get(name, NEVER) for name in names}
