"""The local provider: one AES-256 key from the environment or from a file that only its owner reads."""

import base64
import binascii
import hashlib
import hmac
import os
import stat
from pathlib import Path
from typing import ClassVar, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.exceptions import ImproperlyConfigured

from config.vault.errors import OpenFailedError, VaultUnavailableError
from config.vault.providers.base import WrappedKey

KEY_LENGTH = 32
NONCE_LENGTH = 12
_FILE_LIMIT = 1024


class LocalProvider:
    """Wraps with AES-256-GCM under a key-encryption key that this process holds.

    The KEK's id is a fingerprint of it, so a data key says under which key it was wrapped, and a wrong key is
    told from an altered data key.
    """

    name: ClassVar[str] = "local"

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_LENGTH:
            raise ImproperlyConfigured(f"the vault's local key must be {KEY_LENGTH} bytes")
        self.kek_id = hmac.new(key, b"gatehouse vault kek id", hashlib.sha256).hexdigest()[:16]
        self._cipher = AESGCM(key)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """From base64. Raises ImproperlyConfigured when it is not 32 bytes of that."""
        try:
            key = base64.b64decode(text.strip(), validate=True)
        except (binascii.Error, ValueError):
            raise ImproperlyConfigured("the vault's local key is not base64") from None
        return cls(key)

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """From a file with that base64 text.

        Raises ImproperlyConfigured when it cannot be read, or when others than its owner may read it.
        """
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise ImproperlyConfigured(
                f"VAULT_LOCAL_KEY_FILE cannot be read: {error.strerror}"
            ) from None
        with os.fdopen(descriptor) as file:
            refuse_exposed(os.fstat(file.fileno()))
            return cls.from_text(file.read(_FILE_LIMIT))

    def wrap(self, key: bytes, *, context: str) -> WrappedKey:
        nonce = os.urandom(NONCE_LENGTH)
        sealed = self._cipher.encrypt(nonce, key, context.encode())
        return WrappedKey(kek_id=self.kek_id, kek_version=1, ciphertext=nonce + sealed)

    def unwrap(self, wrapped: WrappedKey, *, context: str) -> bytes:
        if wrapped.kek_id != self.kek_id:
            raise VaultUnavailableError("The key-encryption key in use is not the one needed.")
        nonce, sealed = wrapped.ciphertext[:NONCE_LENGTH], wrapped.ciphertext[NONCE_LENGTH:]
        try:
            return self._cipher.decrypt(nonce, sealed, context.encode())
        except (InvalidTag, ValueError):
            raise OpenFailedError("refused") from None


def refuse_exposed(status: os.stat_result) -> None:
    """Raises ImproperlyConfigured when group or others have any right on the key file."""
    if stat.S_IMODE(status.st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        raise ImproperlyConfigured(
            "VAULT_LOCAL_KEY_FILE can be reached by others than its owner: chmod 600 it, "
            "and replace the key if they may have read it"
        )
