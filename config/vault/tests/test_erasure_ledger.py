"""Shredding is undone by restoring a backup; the ledger does it again."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from config.vault import erasures
from config.vault.errors import KeyDestroyedError
from config.vault.models import DataKey
from config.vault.sealing import open_field, seal_field, shred
from config.vault.tests.factories import SECRET, a_note
from config.vault.tests.models import Note

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sealed_tables")]


class Backup:
    """What `pg_dump` had of a data key before it was destroyed."""

    def __init__(self, note: Note) -> None:
        self.row = DataKey.objects.of_subject(note.key_subject).get()

    def restore(self) -> None:
        DataKey.objects.filter(pk=self.row.pk).update(wrapped=self.row.wrapped, destroyed_at=None)


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("vault_erasures", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "ledger.jsonl"


def test_a_backup_brings_a_secret_back_and_the_ledger_takes_it_away_again(ledger: Path) -> None:
    gone, kept = a_note(), a_note()
    backup = Backup(gone)
    shred(gone.key_subject)
    ledger.write_text(run("export"))
    backup.restore()
    assert open_field(gone, "secret") == SECRET

    assert "1 keys would be destroyed" in run("replay", str(ledger), "--dry-run")
    assert open_field(gone, "secret") == SECRET
    told = json.loads(run("replay", str(ledger), "--json"))
    assert told == {"dry_run": False, "destroyed": 1, "known": 0, "absent": 0}
    with pytest.raises(KeyDestroyedError):
        open_field(gone, "secret")
    assert open_field(kept, "secret") == SECRET


def test_replaying_twice_changes_nothing(ledger: Path) -> None:
    note = a_note()
    shred(note.key_subject)
    ledger.write_text(run("export"))
    before = DataKey.objects.of_subject(note.key_subject).get()
    assert "0 keys were destroyed again, 1 were destroyed already" in run("replay", str(ledger))
    assert DataKey.objects.of_subject(note.key_subject).get().destroyed_at == before.destroyed_at


def test_what_was_sealed_under_a_later_key_of_the_subject_stays(ledger: Path) -> None:
    old = a_note()
    backup = Backup(old)
    shred(old.key_subject)
    ledger.write_text(run("export"))
    new = Note(owner=old.owner)
    seal_field(new, "secret", b"a later life")
    run("replay", str(ledger))
    assert open_field(new, "secret") == b"a later life"
    assert backup.row.pk != DataKey.objects.live().of_subject(old.key_subject).get().pk


def test_keys_that_the_backup_never_had_are_passed_over(ledger: Path) -> None:
    note = a_note()
    shred(note.key_subject)
    ledger.write_text(run("export"))
    DataKey.objects.of_subject(note.key_subject).delete()
    assert json.loads(run("replay", str(ledger), "--json"))["absent"] == 1


def test_the_ledger_can_go_on_where_it_ended() -> None:
    early, late = a_note(), a_note()
    shred(early.key_subject)
    moment = timezone.now()
    shred(late.key_subject)
    (line,) = run("export", "--since", moment.isoformat()).splitlines()
    assert json.loads(line)["subject_id"] == late.owner


def test_the_ledger_holds_no_key_and_no_secret() -> None:
    note = a_note()
    wrapped = bytes(DataKey.objects.of_subject(note.key_subject).get().wrapped or b"")
    shred(note.key_subject)
    (line,) = run("export").splitlines()
    assert set(json.loads(line)) == {
        "fmt",
        "key_id",
        "subject_kind",
        "subject_id",
        "destroyed_at",
        "mac",
    }
    assert wrapped.hex() not in line


@pytest.mark.parametrize(
    "change",
    [
        {"key_id": None},
        {"subject_id": "usr_somebody_else"},
        {"destroyed_at": "2020-01-01T00:00:00+00:00"},
        {"fmt": 2},
        {"mac": "00" * 32},
        {"mac": "no hexadecimal"},
        {"more": "than we wrote"},
    ],
)
def test_a_ledger_that_somebody_has_written_to_destroys_nothing(
    ledger: Path, change: dict[str, Any]
) -> None:
    gone, victim = a_note(), a_note()
    shred(gone.key_subject)
    (line,) = run("export").splitlines()
    if change == {"key_id": None}:
        change = {"key_id": str(DataKey.objects.of_subject(victim.key_subject).get().pk)}
    backup = line + "\n" + json.dumps({**json.loads(line), **change}) + "\n"
    ledger.write_text(backup)
    with pytest.raises(CommandError, match=r"Line 2 .* Nothing was destroyed"):
        run("replay", str(ledger))
    assert open_field(victim, "secret") == SECRET


@pytest.mark.parametrize("line", ["[]", "null", "7", "{", '{"mac": "00"}', "plain words"])
def test_a_file_that_is_no_ledger_is_refused(ledger: Path, line: str) -> None:
    ledger.write_text(line)
    with pytest.raises(CommandError, match="Line 1"):
        run("replay", str(ledger))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nowhere"):
        run("replay", str(tmp_path / "nowhere"))


def test_whoever_holds_more_of_the_subject_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    monkeypatch.setitem(erasures._afterwards, "user", heard.append)
    note = a_note()
    backup = Backup(note)
    shred(note.key_subject)
    ledger = list(erasures.export())
    backup.restore()
    erasures.replay(erasures.read(ledger))
    assert heard == [note.owner]


def test_a_living_key_is_no_erasure() -> None:
    row = DataKey.objects.of_subject(a_note().key_subject).get()
    with pytest.raises(ValueError, match="living"):
        erasures.Erasure.of(row)
