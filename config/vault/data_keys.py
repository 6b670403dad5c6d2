"""From a subject or an envelope to an opened data key, and its destruction.

The row is read every time and decides: a key that any process has shredded opens nothing from that commit on.
Only the unwrapping, which is the slow and metered part, is remembered.
"""

import os
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from config.compiled_queries import CompiledQuery, parameter
from config.vault import alarms, kms
from config.vault.errors import KeyDestroyedError, OpenFailedError
from config.vault.models import DataKey
from config.vault.opened_keys import opened_keys
from config.vault.subjects import KeySubject

log = structlog.get_logger(__name__)
_KEY_LENGTH = 32

_live_key = CompiledQuery(
    lambda: DataKey.objects.live().of(parameter("kind"), parameter("subject_id"))
)
_key_of_id = CompiledQuery(lambda: DataKey.objects.filter(pk=parameter("key_id")))


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenedKey:
    """A data key in the clear; hold it no longer than the call that needs it."""

    id: UUID
    key: bytes = field(repr=False)


def for_sealing(subject: KeySubject) -> OpenedKey:
    """The live key of `subject`, made now if it is the first use.

    Raises VaultUnavailableError; KeyDestroyedError when it is being destroyed at this moment; OpenFailedError when its
    wrapped bytes were altered.
    """
    row = _live(subject)
    try:
        return _opened(row)
    except OpenFailedError as error:
        raise alarms.noted(error, place=f"the data key {row.public_id}") from None


def id_for_sealing(subject: KeySubject) -> UUID:
    """Which key `for_sealing` gives, not opened. Raises VaultUnavailableError when one has to be made and wrapped, and
    KeyDestroyedError.
    """
    return _live(subject).pk


def for_opening(key_id: UUID, subject: KeySubject) -> OpenedKey:
    """The key that an envelope of `subject` names.

    Raises VaultUnavailableError; OpenFailedError when there is no such key, it is somebody else's, or its wrapped
    bytes were altered; KeyDestroyedError when it was shredded.
    """
    row = _key_of_id.first(key_id=key_id)
    if row is None:
        raise OpenFailedError("unknown_key")
    if row.subject != subject:
        raise OpenFailedError("other_subject")
    if row.is_destroyed:
        opened_keys.drop(row.pk)
        raise KeyDestroyedError
    return _opened(row)


def destroy(subject: KeySubject) -> bool:
    """Destroy the live key of `subject`. False when there was none."""
    key_id = DataKey.objects.live().of_subject(subject).values_list("pk", flat=True).first()
    return key_id is not None and destroy_key(key_id, subject)


def destroy_key(key_id: UUID, subject: KeySubject) -> bool:
    """Destroy this one key of `subject`. False when it was destroyed already, or is none of that subject's."""
    now = timezone.now()
    changed = (
        DataKey.objects.live()
        .of_subject(subject)
        .filter(pk=key_id)
        .update(wrapped=None, destroyed_at=now, updated_at=now)
    )
    transaction.on_commit(partial(opened_keys.drop, key_id))
    if changed:
        log.info("vault.key_destroyed", key_id=str(key_id), subject=subject.canonical)
    return bool(changed)


def _live(subject: KeySubject) -> DataKey:
    return _live_key.first(kind=subject.kind, subject_id=subject.id) or _create(subject)


def _create(subject: KeySubject) -> DataKey:
    """Whoever comes second waits for the first at the unique constraint and then takes that key."""
    key = os.urandom(_KEY_LENGTH)
    wrapped = kms.wrap(key, subject=subject)
    row = DataKey(
        subject_kind=subject.kind,
        subject_id=subject.id,
        provider=wrapped.kek.provider,
        kek_id=wrapped.kek.id,
        kek_version=wrapped.kek.version,
        wrapped=wrapped.ciphertext,
    )
    DataKey.objects.bulk_create([row], ignore_conflicts=True)
    winner = DataKey.objects.live().of_subject(subject).first()
    if winner is None:
        raise KeyDestroyedError
    if winner.pk == row.pk:
        opened_keys.put(row.pk, key)
    return winner


def _opened(row: DataKey) -> OpenedKey:
    key = opened_keys.get(row.pk)
    if key is None:
        key = kms.unwrap(row.as_wrapped(), subject=row.subject)
        opened_keys.put(row.pk, key)
    return OpenedKey(id=row.pk, key=key)
