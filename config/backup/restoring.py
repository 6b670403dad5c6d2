"""The way back from a backup, into an empty database and beside an empty Redis."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from config import redis
from config.backup import programs, steps
from config.backup.errors import BackupError
from config.backup.manifest import DATABASE, LEDGER, Manifest
from config.vault import erasures

TIMESCALE = "timescaledb"


def restore(folder: Path, *, ledgers: Iterable[Path] = ()) -> Iterator[str]:
    """Restore the backup in `folder`, destroy again what `ledgers` and its own tell, and have every floor do its part.

    A line for each step, once it is done. Raises BackupError before anything is changed when the backup is not whole,
    newer than this release, or the place not empty; and after it when a step says that nobody may be let in. A ledger
    with a line that is not ours raises LedgerRefusedError, and a key service that is away VaultUnavailableError.
    """
    manifest = Manifest.read(folder)
    _refuse_unknown_migrations(manifest)
    _refuse_what_is_not_empty()
    with _told_to_timescale(manifest):
        programs.run(
            "pg_restore",
            "--no-owner",
            "--exit-on-error",
            "--single-transaction",
            str(folder / DATABASE),
        )
    yield f"database: as it was at {manifest.made_at}"
    call_command("migrate", interactive=False, verbosity=0)
    yield "migrations: those of this release"
    for ledger in (folder / LEDGER, *ledgers):
        done = erasures.replay(erasures.read(ledger.read_text().splitlines()))
        yield f"{ledger.name}: {done.destroyed} keys destroyed again, {done.known} were already"
    for name, told in steps.run_all():
        yield f"{name}: {told}"


@contextmanager
def _told_to_timescale(manifest: Manifest) -> Iterator[None]:
    """TimescaleDB takes its own tables from a dump only while it knows that it is restored."""
    if TIMESCALE not in manifest.extensions:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {TIMESCALE}")
    connection.close()  # the extension is loaded with the connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT timescaledb_pre_restore()")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT timescaledb_post_restore()")
        connection.close()


def _refuse_unknown_migrations(manifest: Manifest) -> None:
    loader = MigrationLoader(None)
    known = {f"{app}.{name}" for app, name in loader.disk_migrations}
    unknown = set(manifest.migrations) - known
    if unknown:
        raise BackupError(f"The backup is of a newer release: {', '.join(sorted(unknown)[:5])}.")


def _refuse_what_is_not_empty() -> None:
    if connection.introspection.table_names():
        raise BackupError("The database is not empty: restore into a new one.")
    if redis.client().dbsize():
        raise BackupError(
            "Redis is not empty: it remembers what came after the backup. Use an empty one, or FLUSHDB."
        )
