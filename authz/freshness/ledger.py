"""The stamps in PostgreSQL: written with the change they tell of."""

from collections.abc import Collection
from typing import NamedTuple

from django.db import connection

from authz.models import Stamp
from config.ids import new_uuid

NEVER = "never"  # the stamp of what has no row
MOST = 1_000  # names that changed between two polls; more are not told one by one

TABLE = f'"{Stamp._meta.db_table}"'

Stamps = dict[str, str]

# In one statement, hence of one snapshot. A transaction that an earlier snapshot did not see has an id of at least that
# snapshot's xmin, which the index finds.
POLL = f"""
SELECT
  extract(epoch FROM pg_postmaster_start_time())::text
    || '/' || (SELECT oid FROM pg_database WHERE datname = current_database()),
  pg_current_snapshot()::text,
  ARRAY(
    SELECT name FROM {TABLE}
    WHERE changed_in >= pg_snapshot_xmin(%(snapshot)s::pg_snapshot)
      AND NOT pg_visible_in_snapshot(changed_in, %(snapshot)s::pg_snapshot)
    LIMIT %(most)s
  )
"""  # noqa: S608 - a table of ours


class Polled(NamedTuple):
    """When and where PostgreSQL was asked: `origin` is the server's life and the database, whose transactions alone the
    snapshot tells apart.
    """

    origin: str
    snapshot: str


def renew(names: Collection[str]) -> None:
    """Give every name a stamp that nothing had before, in the transaction at hand.

    In the order of the names, so that two transactions with names in common wait for one another and don't deadlock.
    """
    ordered = sorted(names)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {TABLE} (name, value) VALUES (%s, %s)"  # noqa: S608 - a table of ours
            " ON CONFLICT (name) DO UPDATE"
            " SET value = EXCLUDED.value, changed_in = pg_current_xact_id()",
            [(name, new_uuid()) for name in ordered],
        )


def read(names: Collection[str]) -> Stamps:
    """The stamp of every name as it is committed now, or as this transaction made it."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT name, value FROM {TABLE} WHERE name = ANY(%s)",  # noqa: S608 - a table of ours
            [list(names)],
        )
        found = {name: value.hex for name, value in cursor.fetchall()}
    return {name: found.get(name, NEVER) for name in names}


def poll(since: Polled | None) -> tuple[Polled, list[str] | None]:
    """Where things stand, and the names whose changes were not committed at `since`. None when that cannot be said:
    they are too many, or it was another server that was asked.
    """
    with connection.cursor() as cursor:
        cursor.execute(POLL, {"snapshot": since.snapshot if since else None, "most": MOST + 1})
        origin, snapshot, changed = cursor.fetchone()
    known = since is not None and since.origin == origin and len(changed) <= MOST
    return Polled(origin, snapshot), changed if known else None
