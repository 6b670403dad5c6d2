"""The local provider: one AES-256 key from the environment or from a file that only its owner reads."""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.exceptions import ImproperlyConfigured

from config.private_files import is_exposed
from config.vault.errors import OpenFailedError, VaultUnavailableError
from config.vault.providers.base import KEK, WrappedKey

KEY_LENGTH = 32
NONCE_LENGTH = 12
_FILE_LIMIT = 16 * 1024


class LocalProvider:
    """Wraps with AES-256-GCM under a key-encryption key that this process holds; `previous` ones still unwrap.

    A KEK's id is a fingerprint of it, so a data key says under which key it was wrapped, and a wrong key is
    told from an altered data key.
    """

    name: ClassVar[str] = "local"

    def __init__(self, key: bytes, *, previous: Sequence[bytes] = ()) -> None:
        self._ciphers = {_fingerprint(each): AESGCM(each) for each in (*previous, key)}
        self.kek_id = _fingerprint(key)

    @classmethod
    def from_text(cls, text: str, *, previous: Sequence[bytes] = ()) -> Self:
        """From base64. Raises ImproperlyConfigured when it is not 32 bytes of that."""
        return cls(decoded(text), previous=previous)

    @classmethod
    def from_file(cls, path: Path, *, previous: Sequence[bytes] = ()) -> Self:
        """From a file with that base64 text.

        Raises ImproperlyConfigured when it cannot be read, or when others may read it.
        """
        return cls.from_text(read_private(path, "VAULT_LOCAL_KEY_FILE"), previous=previous)

    def current(self) -> KEK:
        return KEK(provider=self.name, id=self.kek_id, version=1)

    def wrap(self, key: bytes, *, context: str) -> WrappedKey:
        nonce = os.urandom(NONCE_LENGTH)
        sealed = self._ciphers[self.kek_id].encrypt(nonce, key, context.encode())
        return WrappedKey(kek=self.current(), ciphertext=nonce + sealed)

    def unwrap(self, wrapped: WrappedKey, *, context: str) -> bytes:
        cipher = self._ciphers.get(wrapped.kek.id)
        if cipher is None:
            raise VaultUnavailableError("The key-encryption key in use is not the one needed.")
        nonce, sealed = wrapped.ciphertext[:NONCE_LENGTH], wrapped.ciphertext[NONCE_LENGTH:]
        try:
            return cipher.decrypt(nonce, sealed, context.encode())
        except (InvalidTag, ValueError):
            raise OpenFailedError("refused") from None

    def rewrap(self, wrapped: WrappedKey, *, context: str) -> WrappedKey:
        return self.wrap(self.unwrap(wrapped, context=context), context=context)


def decoded(text: str) -> bytes:
    """The key that `text` is in base64. Raises ImproperlyConfigured when it is not 32 bytes of that."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise ImproperlyConfigured("the vault's local key is not base64") from None
    if len(key) != KEY_LENGTH:
        raise ImproperlyConfigured(f"the vault's local key must be {KEY_LENGTH} bytes")
    return key


def read_private(path: Path, variable: str) -> str:
    """The text of a file that `is_exposed` lets pass. Raises ImproperlyConfigured, naming `variable`."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise ImproperlyConfigured(f"{variable} cannot be read: {error.strerror}") from None
    with os.fdopen(descriptor) as file:
        refuse_exposed(os.fstat(file.fileno()), variable)
        return file.read(_FILE_LIMIT)


def refuse_exposed(status: os.stat_result, variable: str = "VAULT_LOCAL_KEY_FILE") -> None:
    """Raises ImproperlyConfigured when the key file `is_exposed`."""
    if is_exposed(status):
        raise ImproperlyConfigured(
            f"{variable} can be reached by others than its owner: chmod 600 it, "
            "and replace the key if they may have read it"
        )


def _fingerprint(key: bytes) -> str:
    if len(key) != KEY_LENGTH:
        raise ImproperlyConfigured(f"the vault's local key must be {KEY_LENGTH} bytes")
    return hmac.new(key, b"gatehouse vault kek id", hashlib.sha256).hexdigest()[:16]
