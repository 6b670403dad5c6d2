"""No secret in any exception text, traceback or log line of the vault, whatever goes wrong."""

import base64
import logging
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.vault.errors import OpenFailedError, VaultUnavailableError
from config.vault.models import DataKey
from config.vault.opened_keys import opened_keys
from config.vault.sealing import open_field, seal_field, shred
from config.vault.tests.factories import SECRET, a_note
from config.vault.tests.models import Note

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sealed_tables")]
VAULT_ERRORS = (OpenFailedError, VaultUnavailableError)


def altered_ciphertext(note: Note, _: Callable[..., None]) -> None:
    note.secret = bytes(note.secret)[:-1] + b"\x00"


def plaintext_in_the_column(note: Note, _: Callable[..., None]) -> None:
    note.secret = SECRET


def altered_data_key(note: Note, _: Callable[..., None]) -> None:
    DataKey.objects.of_subject(note.key_subject).update(wrapped=bytes(60))


def destroyed_key(note: Note, _: Callable[..., None]) -> None:
    shred(note.key_subject)


def unusable_key(_: Note, environment: Callable[..., None]) -> None:
    environment(vault_local_key=SecretStr(SECRET.decode()))


def wrong_key(_: Note, environment: Callable[..., None]) -> None:
    environment(vault_local_key=SecretStr(base64.b64encode(SECRET.ljust(32)[:32]).decode()))


def exposed_file(_: Note, environment: Callable[..., None]) -> None:
    environment(vault_local_key=None, vault_local_key_file=Path(__file__))


@pytest.mark.parametrize(
    "fault",
    [
        altered_ciphertext,
        plaintext_in_the_column,
        altered_data_key,
        destroyed_key,
        unusable_key,
        wrong_key,
        exposed_file,
    ],
)
def test_a_failed_opening_tells_nothing_of_the_secret(
    fault: Callable[[Note, Callable[..., None]], None],
    environment: Callable[..., None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    note = a_note()
    fault(note, environment)
    opened_keys.clear()
    caplog.set_level(logging.DEBUG)
    with pytest.raises(VAULT_ERRORS) as caught:
        open_field(note, "secret")
    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert caplog.records
    assert "planted" not in told
    assert base64.b64encode(SECRET)[:12].decode() not in told


def test_a_refused_second_sealing_tells_nothing_of_what_it_was_given() -> None:
    note = a_note()
    with pytest.raises(ValueError, match="not sealed again") as caught:
        seal_field(note, "secret", bytes(note.secret))
    assert bytes(note.secret).hex()[-16:] not in str(caught.value)
