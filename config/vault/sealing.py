"""Seal a field of a row, open it again, and destroy what was sealed for a subject."""

from typing import Any, Protocol, cast

from django.db import models

from config.vault import alarms, data_keys, envelope
from config.vault.envelope import Envelope, Place
from config.vault.errors import OpenFailedError
from config.vault.fields import SealedBytes, SealedField
from config.vault.subjects import KeySubject


class SealedRow(Protocol):
    """A model with sealed fields: `key_subject` says whose data key protects them, and never changes."""

    @property
    def key_subject(self) -> KeySubject: ...


def seal_field(row: SealedRow, field_name: str, plaintext: bytes) -> None:
    """Set `field_name` of `row` to the sealed `plaintext`; saving the row is the caller's.

    The row must have its primary key: the envelope opens in this row, table and column only.
    Raises VaultUnavailableError; AlreadySealedError for an envelope; ValueError for a row without a key.
    """
    place = _place(row, field_name)
    key = data_keys.for_sealing(place.subject)
    sealed = envelope.seal(plaintext, key=key.key, data_key_id=key.id, place=place)
    setattr(row, field_name, SealedBytes(bytes(sealed)))


def open_field(row: SealedRow, field_name: str) -> bytes:
    """The plaintext of `field_name`.

    Raises VaultUnavailableError; OpenFailedError for whatever is not exactly what was sealed here, an empty field
    included; KeyDestroyedError, one of those, when the key was shredded. Never returns what did not open.
    """
    place = _place(row, field_name)
    try:
        return _open(getattr(row, field_name), place)
    except OpenFailedError as error:
        raise alarms.noted(error, place=str(place)) from None


def shred(subject: KeySubject) -> bool:
    """Destroy the data key of `subject`: what was sealed for it is gone in every copy of the database that was
    made without the key. True when there was a key to destroy. A later sealing makes a new key.
    """
    return data_keys.destroy(subject)


def _open(sealed: Any, place: Place) -> bytes:
    if sealed is None:
        raise OpenFailedError("empty")
    parsed = Envelope.parse(bytes(sealed))
    key = data_keys.for_opening(parsed.data_key_id, place.subject)
    return parsed.open(key.key, place)


def _place(row: SealedRow, field_name: str) -> Place:
    model = cast("models.Model", row)
    field = model._meta.get_field(field_name)
    if not isinstance(field, SealedField):
        raise TypeError(f"{field_name} is not a sealed field")
    if model.pk is None:
        raise ValueError("a row without a primary key cannot hold a sealed value")
    return Place(
        table=field.model._meta.db_table,
        column=str(field.column),
        row=str(model._meta.pk.to_python(model.pk)),
        subject=row.key_subject,
    )
