"""Shredding: what was sealed for a subject is gone at once, everywhere, and stays gone."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from config.vault.errors import KeyDestroyedError
from config.vault.models import DataKey
from config.vault.opened_keys import opened_keys
from config.vault.sealing import open_field, seal_field, shred
from config.vault.tests.factories import SECRET, a_note, a_subject
from config.vault.tests.models import Note

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("sealed_tables"),
]


def test_a_shredded_subject_s_secrets_do_not_open_any_more() -> None:
    note = a_note()
    assert shred(note.key_subject) is True
    with pytest.raises(KeyDestroyedError):
        open_field(note, "secret")


def test_the_wrapped_key_is_gone_from_the_database_and_the_row_tells_when() -> None:
    note = a_note()
    shred(note.key_subject)
    row = DataKey.objects.of_subject(note.key_subject).get()
    assert row.wrapped is None
    assert row.destroyed_at is not None
    assert str(row) == f"data key of user:{note.owner}"
    with pytest.raises(ValueError, match="destroyed"):
        row.as_wrapped()


def test_the_opened_key_leaves_the_memory_of_the_process() -> None:
    note = a_note()
    open_field(note, "secret")
    key_id = DataKey.objects.of_subject(note.key_subject).get().pk
    assert opened_keys.get(key_id) is not None
    shred(note.key_subject)
    assert opened_keys.get(key_id) is None


def test_a_process_that_remembers_the_key_obeys_a_shredding_by_another() -> None:
    note = a_note()
    open_field(note, "secret")
    with connection.cursor() as cursor:  # as another process would: this one's memory is not told
        cursor.execute(
            "UPDATE vault_datakey SET wrapped = NULL, destroyed_at = now() WHERE subject_id = %s",
            [note.owner],
        )
    with pytest.raises(KeyDestroyedError):
        open_field(note, "secret")
    assert len(opened_keys) == 0


def test_a_shredding_that_rolls_back_destroys_nothing() -> None:
    note = a_note()
    with pytest.raises(RuntimeError), transaction.atomic():
        shred(note.key_subject)
        raise RuntimeError
    assert open_field(note, "secret") == SECRET


def test_others_keep_their_secrets() -> None:
    kept, gone = a_note(), a_note()
    shred(gone.key_subject)
    assert open_field(kept, "secret") == SECRET


def test_shredding_twice_or_a_stranger_changes_nothing() -> None:
    note = a_note()
    shred(note.key_subject)
    destroyed_at = DataKey.objects.of_subject(note.key_subject).get().destroyed_at
    assert shred(note.key_subject) is False
    assert shred(a_subject()) is False
    assert DataKey.objects.of_subject(note.key_subject).get().destroyed_at == destroyed_at


def test_sealing_after_it_makes_a_new_key_and_the_old_secret_stays_gone() -> None:
    old = a_note()
    shred(old.key_subject)
    new = Note(owner=old.owner)
    seal_field(new, "secret", b"a fresh start")
    assert open_field(new, "secret") == b"a fresh start"
    with pytest.raises(KeyDestroyedError):
        open_field(old, "secret")
    assert DataKey.objects.of_subject(old.key_subject).count() == 2


def test_the_database_refuses_a_destroyed_key_that_still_has_its_bytes() -> None:
    note = a_note()
    with pytest.raises(IntegrityError):
        DataKey.objects.of_subject(note.key_subject).update(destroyed_at=timezone.now())


def test_the_database_refuses_a_live_key_without_bytes() -> None:
    note = a_note()
    with pytest.raises(IntegrityError):
        DataKey.objects.of_subject(note.key_subject).update(wrapped=None)


def test_the_database_refuses_a_second_live_key_of_one_subject() -> None:
    note = a_note()
    key = DataKey.objects.of_subject(note.key_subject).get()
    with pytest.raises(IntegrityError):
        DataKey.objects.create(
            subject_kind=key.subject_kind,
            subject_id=key.subject_id,
            provider=key.provider,
            kek_id=key.kek_id,
            kek_version=key.kek_version,
            wrapped=b"other bytes",
        )
