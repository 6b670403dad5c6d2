"""Sealing a field: it opens in its own row, table and column, for its own subject, and nowhere else."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from prometheus_client import REGISTRY

from config.ids import new_uuid
from config.vault.errors import AlreadySealedError, NotSealedError, OpenFailedError
from config.vault.models import DataKey
from config.vault.opened_keys import opened_keys
from config.vault.sealing import open_field, seal_field
from config.vault.tests.factories import SECRET, a_note, a_subject
from config.vault.tests.models import Counted, Memo, Note

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sealed_tables")]


def failures(outcome: str) -> float:
    return (
        REGISTRY.get_sample_value("gatehouse_vault_open_failures_total", {"outcome": outcome})
        or 0.0
    )


def assert_does_not_open(row: Any, outcome: str, field: str = "secret") -> None:
    before = failures(outcome)
    with pytest.raises(OpenFailedError) as caught:
        open_field(row, field)
    assert caught.value.outcome == outcome
    assert failures(outcome) == before + 1


def test_a_sealed_field_opens_after_a_trip_through_the_database() -> None:
    note = a_note()
    opened = open_field(note, "secret")
    assert opened == SECRET
    assert type(opened) is bytes


def test_an_empty_secret_can_be_sealed() -> None:
    assert open_field(a_note(secret=b""), "secret") == b""


def test_the_database_never_sees_the_plaintext() -> None:
    note = a_note()
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM vault_tests_note WHERE id = %s", [note.pk])
        stored = bytes(cursor.fetchone()[0])
    assert SECRET not in stored


def test_all_secrets_of_a_subject_share_one_data_key() -> None:
    subject = a_subject()
    for _ in range(3):
        a_note(owner=subject.id)
    assert DataKey.objects.of_subject(subject).count() == 1


def test_it_does_not_open_in_another_row() -> None:
    subject = a_subject()
    one, other = a_note(owner=subject.id), a_note(owner=subject.id, secret=b"another")
    Note.objects.filter(pk=other.pk).update(secret=one.secret)
    other.refresh_from_db()
    assert_does_not_open(other, "refused")


def test_it_does_not_open_in_another_column_of_its_row() -> None:
    note = a_note()
    note.other = note.secret
    assert_does_not_open(note, "refused", "other")


def test_it_does_not_open_in_another_table() -> None:
    note = a_note()
    memo = Memo(id=note.pk, owner=note.owner, secret=note.secret)
    assert_does_not_open(memo, "refused")


def test_it_does_not_open_when_the_row_is_given_to_another_owner() -> None:
    note = a_note()
    Note.objects.filter(pk=note.pk).update(owner=a_subject().id)
    note.refresh_from_db()
    assert_does_not_open(note, "other_subject")


def test_it_does_not_open_under_the_key_of_another_subject() -> None:
    one, other = a_note(), a_note()
    key_of_other = DataKey.objects.of_subject(other.key_subject).get()
    key_of_one = DataKey.objects.of_subject(one.key_subject).get()
    key_of_one.delete()
    DataKey.objects.filter(pk=key_of_other.pk).update(subject_id=one.owner)
    forged = bytearray(one.secret)
    forged[5:21] = key_of_other.pk.bytes
    one.secret = bytes(forged)
    opened_keys.clear()
    # Relabelled, the other's wrapped key does not unwrap: its subject is its encryption context.
    assert_does_not_open(one, "refused")


def test_an_envelope_that_names_no_known_key_does_not_open() -> None:
    note = a_note()
    forged = bytearray(note.secret)
    forged[5:21] = new_uuid().bytes
    note.secret = bytes(forged)
    assert_does_not_open(note, "unknown_key")


def test_every_byte_of_a_stored_envelope_matters() -> None:
    note = a_note()
    whole = bytes(note.secret)
    for position in range(len(whole)):
        altered = bytearray(whole)
        altered[position] ^= 1
        note.secret = bytes(altered)
        with pytest.raises(OpenFailedError):
            open_field(note, "secret")


def test_a_field_with_nothing_in_it_does_not_open() -> None:
    assert_does_not_open(Note(owner=a_subject().id), "empty")


def test_bytes_that_are_no_envelope_are_not_handed_out_as_plaintext() -> None:
    assert_does_not_open(Note(owner=a_subject().id, secret=SECRET), "malformed")


def test_a_failure_says_where_and_why_and_shows_no_secret() -> None:
    note = a_note()
    note.other = note.secret
    with pytest.raises(OpenFailedError) as caught:
        open_field(note, "other")
    assert str(caught.value) == f"vault_tests_note.other of {note.pk} does not open: refused"
    assert caught.value.detail == ""


def test_what_is_sealed_is_not_sealed_again() -> None:
    note = a_note()
    with pytest.raises(AlreadySealedError):
        seal_field(note, "secret", bytes(note.secret))


def test_plaintext_cannot_be_saved_in_a_sealed_field() -> None:
    with pytest.raises(NotSealedError) as caught:
        Note.objects.create(owner=a_subject().id, secret=SECRET)
    assert "planted" not in str(caught.value)


def test_plaintext_cannot_be_written_past_the_field_either() -> None:
    note = a_note()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE vault_tests_note SET secret = %s WHERE id = %s", [b"x" * 100, note.pk]
        )


def test_a_row_without_a_primary_key_cannot_hold_a_secret() -> None:
    with pytest.raises(ValueError, match="primary key"):
        seal_field(Counted(), "secret", SECRET)


def test_a_row_whose_key_the_database_gave_seals_after_it_was_saved() -> None:
    row = Counted.objects.create()
    seal_field(row, "secret", SECRET)
    row.save()
    assert open_field(Counted.objects.get(pk=row.pk), "secret") == SECRET


def test_only_sealed_fields_are_sealed() -> None:
    with pytest.raises(TypeError, match="owner"):
        seal_field(a_note(), "owner", SECRET)


def test_the_key_of_a_row_may_be_given_as_text() -> None:
    note = a_note()
    note.pk = str(note.pk).upper()
    assert open_field(note, "secret") == SECRET
