"""`manage.py backup`, and what `manage.py restore` refuses. The way back itself is in `tests/operations`."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pydantic import SecretStr

from config import redis
from config.backup import programs, secrets
from config.backup.errors import BackupError
from config.backup.making import make
from mfa.tests.factories import an_enrolled_person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    folder = tmp_path / "backup"
    call_command("backup", str(folder), stdout=StringIO())
    return folder


def refused(*arguments: str) -> str:
    with pytest.raises(CommandError) as caught:
        call_command("restore", *arguments, stdout=StringIO())
    return str(caught.value)


def test_a_backup_is_for_nobody_else_to_read_and_says_what_it_holds(backup: Path) -> None:
    assert backup.stat().st_mode & 0o077 == 0
    told = json.loads((backup / "manifest.json").read_text())
    assert set(told["files"]) == {"database.dump", "erasures.jsonl"}
    assert "accounts.0001_initial" in told["migrations"]
    assert sorted(path.name for path in backup.parent.iterdir()) == ["backup"]


def test_a_backup_never_goes_over_another(backup: Path) -> None:
    with pytest.raises(CommandError, match="exists already"):
        call_command("backup", str(backup))


def test_nothing_is_there_when_the_dump_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "_address", lambda: "dbname=no_such_database")
    with pytest.raises(BackupError, match="pg_dump failed"):
        make(tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


def test_what_is_not_whole_is_not_restored(backup: Path) -> None:
    dump = backup / "database.dump"
    dump.write_bytes(dump.read_bytes()[:-1])
    assert "missing or not what was written" in refused(str(backup))


def test_a_folder_of_something_else_is_not_restored(tmp_path: Path) -> None:
    assert "no backup of ours" in refused(str(tmp_path))


def test_a_backup_of_a_newer_release_is_not_restored(backup: Path) -> None:
    path = backup / "manifest.json"
    told = json.loads(path.read_text())
    path.write_text(json.dumps(told | {"migrations": ["accounts.9999_of_next_year"]}))
    assert "newer release: accounts.9999_of_next_year" in refused(str(backup))


def test_a_database_with_tables_is_not_restored_into(backup: Path) -> None:
    assert "The database is not empty" in refused(str(backup))


def test_a_redis_that_remembers_is_not_restored_beside(
    backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection.introspection, "table_names", list)
    redis.client().set("gatehouse:later", 1)
    assert "Redis is not empty" in refused(str(backup))


def test_programs_older_than_the_server_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = {"/old/pg_dump": 9, "/new/pg_dump": 99}
    monkeypatch.setattr(programs, "_candidates", lambda name: list(versions))
    monkeypatch.setattr(programs, "_version", versions.__getitem__)
    assert programs.program("pg_dump") == "/new/pg_dump"
    del versions["/new/pg_dump"]
    with pytest.raises(BackupError, match="There is no pg_dump of PostgreSQL"):
        programs.program("pg_dump")


def test_the_wrong_key_of_the_vault_is_noticed_before_anybody_is_let_in(environment: Any) -> None:
    an_enrolled_person()
    assert "of 1 keys" in secrets.open_one_of_each()
    environment(vault_local_key=SecretStr("YW5vdGhlciBrZXksIGp1c3QgYXMgbG9uZyBhcyBpdC4="))
    with pytest.raises(BackupError, match="Give the service the key"):
        secrets.open_one_of_each()
