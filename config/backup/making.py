"""Making a backup: a dump of the database and the ledger of erasures, in a folder that is there once it is whole."""

import os
import shutil
from pathlib import Path

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from config.backup import programs
from config.backup.errors import BackupError
from config.backup.manifest import DATABASE, LEDGER, Manifest, digest_of
from config.vault import erasures

PRIVATE = 0o700


def make(folder: Path) -> Manifest:
    """Write a backup into `folder`, which must not be there yet.

    Raises BackupError, and VaultUnavailableError while nobody can vouch for the ledger; the folder is not there then.
    """
    if folder.exists():
        raise BackupError(f"{folder} exists already.")
    draft = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=PRIVATE, parents=True)
    moment = timezone.now()
    programs.run("pg_dump", "--format=custom", "--file", str(draft / DATABASE))
    # After the dump: what is destroyed in between is in the ledger, and not in the dump.
    lines = "".join(f"{line}\n" for line in erasures.export())
    (draft / LEDGER).write_text(lines)
    for name in (DATABASE, LEDGER):
        (draft / name).chmod(0o600)
        _to_the_disk(draft / name)
    manifest = Manifest(
        made_at=moment.isoformat(),
        postgresql=programs.server_version(),
        extensions=_extensions(),
        migrations=applied_migrations(),
        files={name: digest_of(draft / name) for name in (DATABASE, LEDGER)},
    )
    manifest.write(draft)
    draft.rename(folder)
    return manifest


def applied_migrations() -> list[str]:
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied)


def _extensions() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension ORDER BY extname")
        return [name for (name,) in cursor.fetchall()]


def _to_the_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
