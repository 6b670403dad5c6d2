"""The local provider: one key, from text or from a file that nobody else can read."""

import base64
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.vault.errors import OpenFailedError, VaultUnavailableError
from config.vault.providers.base import WrappedKey
from config.vault.providers.local import LocalProvider

KEK = bytes(range(32))
DEK = bytes(range(32, 64))


def key_file(folder: Path, mode: int, text: str = base64.b64encode(KEK).decode() + "\n") -> Path:
    path = folder / "kek"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_wrapped_key_unwraps_with_the_same_context() -> None:
    provider = LocalProvider(KEK)
    assert provider.unwrap(provider.wrap(DEK, context="user:usr_1"), context="user:usr_1") == DEK


def test_a_wrapped_key_does_not_unwrap_for_another_subject() -> None:
    provider = LocalProvider(KEK)
    with pytest.raises(OpenFailedError):
        provider.unwrap(provider.wrap(DEK, context="user:usr_1"), context="user:usr_2")


def test_an_altered_wrapped_key_does_not_unwrap() -> None:
    provider = LocalProvider(KEK)
    wrapped = provider.wrap(DEK, context="user:usr_1")
    for position in range(len(wrapped.ciphertext)):
        altered = bytearray(wrapped.ciphertext)
        altered[position] ^= 1
        with pytest.raises(OpenFailedError):
            provider.unwrap(
                WrappedKey(kek=wrapped.kek, ciphertext=bytes(altered)),
                context="user:usr_1",
            )


@pytest.mark.parametrize("length", [0, 5, 12, 20])
def test_a_cut_wrapped_key_does_not_unwrap(length: int) -> None:
    provider = LocalProvider(KEK)
    wrapped = provider.wrap(DEK, context="user:usr_1")
    cut = WrappedKey(kek=wrapped.kek, ciphertext=wrapped.ciphertext[:length])
    with pytest.raises(OpenFailedError):
        provider.unwrap(cut, context="user:usr_1")


def test_another_key_encryption_key_is_named_as_missing_and_not_as_an_altered_secret() -> None:
    wrapped = LocalProvider(KEK).wrap(DEK, context="user:usr_1")
    with pytest.raises(VaultUnavailableError):
        LocalProvider(bytes(32)).unwrap(wrapped, context="user:usr_1")


def test_the_kek_id_is_a_fingerprint_that_does_not_hold_the_key() -> None:
    provider = LocalProvider(KEK)
    assert provider.kek_id == LocalProvider(KEK).kek_id
    assert provider.kek_id != LocalProvider(bytes(32)).kek_id
    assert KEK.hex()[:8] not in provider.kek_id


def test_a_file_for_the_owner_alone_is_read(tmp_path: Path) -> None:
    provider = LocalProvider.from_file(key_file(tmp_path, 0o600))
    assert provider.kek_id == LocalProvider(KEK).kek_id


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o660, 0o601, 0o610, 0o602])
def test_a_file_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(ImproperlyConfigured, match="chmod 600"):
        LocalProvider.from_file(key_file(tmp_path, mode))


def test_a_missing_file_is_refused_and_named(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="VAULT_LOCAL_KEY_FILE"):
        LocalProvider.from_file(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "text", ["", "c2hvcnQ=", "not base64 at all!", base64.b64encode(bytes(33)).decode(), "clé"]
)
def test_a_text_that_is_not_32_bytes_of_base64_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        LocalProvider.from_text(text)
    assert not text or text not in str(caught.value)


def test_a_previous_key_opens_and_wraps_no_more() -> None:
    wrapped = LocalProvider(KEK).wrap(DEK, context="user:usr_1")
    provider = LocalProvider(bytes(32), previous=[KEK])
    assert provider.unwrap(wrapped, context="user:usr_1") == DEK
    again = provider.rewrap(wrapped, context="user:usr_1")
    assert again.kek == provider.current() != wrapped.kek
    assert LocalProvider(bytes(32)).unwrap(again, context="user:usr_1") == DEK


def test_a_wrapped_key_does_not_show_its_bytes() -> None:
    assert "ciphertext" not in repr(LocalProvider(KEK).wrap(DEK, context="user:usr_1"))
