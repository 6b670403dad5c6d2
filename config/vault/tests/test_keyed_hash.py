"""Keyed hashes: the same for ever, and of no use for another purpose."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.vault import mac
from config.vault.errors import OpenFailedError, VaultUnavailableError
from config.vault.mac import SUBJECT, keyed_hash
from config.vault.models import DataKey
from config.vault.opened_keys import opened_keys
from config.vault.tests.outage import KeyService

pytestmark = pytest.mark.django_db


def begin_anew() -> None:
    """As a process that has opened nothing yet."""
    opened_keys.clear()
    mac._root.cache_clear()


def test_the_same_purpose_and_data_give_the_same_32_bytes_in_every_process() -> None:
    first = keyed_hash("broker-user", b"AB1234")
    begin_anew()
    assert keyed_hash("broker-user", b"AB1234") == first
    assert len(first) == 32


@given(st.tuples(st.text(min_size=1), st.binary()), st.tuples(st.text(min_size=1), st.binary()))
def test_another_purpose_or_other_data_give_another_hash(
    one: tuple[str, bytes], other: tuple[str, bytes]
) -> None:
    assert (keyed_hash(*one) == keyed_hash(*other)) is (one == other)


def test_it_cannot_be_made_without_the_key() -> None:
    known = keyed_hash("broker-user", b"AB1234")
    assert known != hashlib.sha256(b"AB1234").digest()
    assert DataKey.objects.live().of_subject(SUBJECT).count() == 1


def test_a_process_makes_none_until_the_vault_opened_their_key(key_service: KeyService) -> None:
    known = keyed_hash("broker-user", b"AB1234")
    begin_anew()
    key_service.leave()
    with pytest.raises(VaultUnavailableError):
        keyed_hash("broker-user", b"AB1234")
    key_service.come_back()
    assert keyed_hash("broker-user", b"AB1234") == known


def test_a_process_that_made_one_makes_more_while_the_vault_is_away(
    key_service: KeyService,
) -> None:
    known = keyed_hash("broker-user", b"AB1234")
    key_service.leave()
    assert keyed_hash("broker-user", b"AB1234") == known
    assert keyed_hash("something else", b"AB1234") != known


def test_an_altered_key_is_an_alarm_and_makes_no_hash() -> None:
    keyed_hash("broker-user", b"AB1234")
    begin_anew()
    DataKey.objects.live().of_subject(SUBJECT).update(wrapped=b"\1" * 60)
    with pytest.raises(OpenFailedError) as failed:
        keyed_hash("broker-user", b"AB1234")
    assert failed.value.place == "the key of keyed hashes"


def test_a_hash_without_a_purpose_is_refused() -> None:
    with pytest.raises(ValueError, match="purpose"):
        keyed_hash("", b"AB1234")
