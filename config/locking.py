"""Locks with a name, for what must not happen twice at once on any number of machines."""

from django.db import connection


def alone(name: str, part: str = "") -> None:
    """Hold the lock called `name`, or that of one `part` of it, until the transaction at hand ends; whoever asks for it
    meanwhile waits.

    Locks of PostgreSQL, so a process that dies lets go. `name` is the app's: `audit.partitions`.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), hashtext(%s))", [name, part])


def alone_at_once(name: str, part: str = "") -> bool:
    """The same without waiting: False when somebody else holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s), hashtext(%s))", [name, part])
        (got,) = cursor.fetchone()
    return bool(got)


def together(name: str) -> None:
    """Hold the lock called `name` beside others that hold it so, until the transaction at hand ends; whoever wants it
    `alone` waits for all of them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtext(%s), hashtext(''))", [name])
