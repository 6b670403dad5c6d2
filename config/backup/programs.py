"""PostgreSQL's own `pg_dump` and `pg_restore`, told where our database is without a password that others could read."""

import os
import re
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db import connection
from psycopg.conninfo import make_conninfo

from config.backup.errors import BackupError
from config.devstack import postgres
from config.devstack.errors import DevstackError

VERSION = re.compile(r"(\d+)(?:\.\d+)?")
NOT_LIBPQS = ("pool", "options")  # of Django's OPTIONS


def run(name: str, *arguments: str) -> None:
    """Run the program against our database. Raises BackupError with its last words when it fails."""
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own
        [program(name), *arguments, "--dbname", _address()],
        env=os.environ | _password(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BackupError(f"{name} failed: {done.stderr.strip()[-2000:]}")


def program(name: str) -> str:
    """The first on the PATH, or of the embedded server, that is no older than the server.

    Raises BackupError when there is none: an older one would refuse, or leave out what it does not know.
    """
    server = server_version() // 10_000
    for candidate in _candidates(name):
        if _version(candidate) >= server:
            return candidate
    raise BackupError(f"There is no {name} of PostgreSQL {server} or newer: install its client.")


def server_version() -> int:
    """As PostgreSQL counts: 180001 is 18.1."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0])


def _candidates(name: str) -> list[str]:
    found = [shutil.which(name)]
    with suppress(DevstackError):  # only development has the wheel
        found.append(str(postgres.programs() / name))
    return [path for path in found if path and Path(path).exists()]


def _version(path: str) -> int:
    told = subprocess.run([path, "--version"], capture_output=True, text=True, check=True)  # noqa: S603 - as above
    found = VERSION.search(told.stdout)
    return int(found[1]) if found else 0


def _address() -> str:
    settings = connection.settings_dict
    options: dict[str, Any] = {
        name: value for name, value in settings["OPTIONS"].items() if name not in NOT_LIBPQS
    }
    return make_conninfo(
        host=settings["HOST"] or None,
        port=settings["PORT"] or None,
        user=settings["USER"] or None,
        dbname=settings["NAME"],
        **options,
    )


def _password() -> dict[str, str]:
    password = connection.settings_dict["PASSWORD"]
    return {"PGPASSWORD": password} if password else {}
