"""What the primary and a replica say of how far they are. Positions in the write-ahead log are whole numbers."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, connections

# The position behind all that was committed, also what did not wait for the disk (`synchronous_commit = off`), and the
# one up to which replicas can have it.
PRIMARY = """
    SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint,
           pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::bigint, clock_timestamp()
"""
REPLICA = """
    SELECT pg_is_in_recovery(), pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint,
           pg_last_xact_replay_timestamp()
"""


class NoReplicaError(Exception):
    """The server is not a replica: it was promoted, or its URL is a mistake."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a replica is: it has all up to `position`, and lags behind by `lag` seconds at the most."""

    position: int
    lag: float


def position() -> int:
    """Of the primary, now. Raises django.db.Error."""
    inserted, _, _ = _primary()
    return inserted


def standing(alias: str) -> Standing:
    """Of the replica. Its lag is told by the primary's clock alone, so that clocks need not agree.

    Raises django.db.Error when one of the two does not answer, NoReplicaError.
    """
    _, flushed, now = _primary()
    with connections[alias].cursor() as cursor:
        cursor.execute(REPLICA)
        recovering, replayed, newest = cursor.fetchone()
    if not recovering or replayed is None:
        raise NoReplicaError(alias)
    return Standing(replayed, 0.0 if replayed >= flushed else _seconds(newest, now))


def _primary() -> tuple[int, int, datetime]:
    with connection.cursor() as cursor:
        cursor.execute(PRIMARY)
        inserted, flushed, now = cursor.fetchone()
    return inserted, flushed, now


def _seconds(newest: datetime | None, now: datetime) -> float:
    """What is not replayed yet was committed after the newest that was."""
    return float("inf") if newest is None else max(0.0, (now - newest).total_seconds())
