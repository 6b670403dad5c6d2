"""Keyed hashes: the same for ever, and of no use for another purpose."""

import hashlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from config.vault.errors import VaultUnavailableError
from config.vault.mac import SUBJECT, keyed_hash
from config.vault.models import DataKey
from config.vault.opened_keys import opened_keys

pytestmark = pytest.mark.django_db


def test_the_same_purpose_and_data_give_the_same_32_bytes_in_every_process() -> None:
    first = keyed_hash("broker-user", b"AB1234")
    opened_keys.clear()
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


def test_it_fails_when_the_vault_does(environment: Callable[..., None]) -> None:
    keyed_hash("broker-user", b"AB1234")
    opened_keys.clear()
    environment(vault_local_key=SecretStr("bm90IHRoZSByaWdodCBrZXkgMzIgYnl0ZXMgbG9uZyE="))
    with pytest.raises(VaultUnavailableError):
        keyed_hash("broker-user", b"AB1234")


def test_a_hash_without_a_purpose_is_refused() -> None:
    with pytest.raises(ValueError, match="purpose"):
        keyed_hash("", b"AB1234")
