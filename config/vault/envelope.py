"""The envelope: what a sealed value is as bytes.

    magic (3) | fmt (1) | alg (1) | data key id (16) | nonce (12) | ciphertext and tag (16 or more)

Every part but the last has a fixed length, so one envelope has exactly one encoding. The magic starts with a byte
that starts no UTF-8 text. The place where a value belongs is authenticated and never stored: see `Place.aad`.
"""

import os
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from config.vault.errors import AlreadySealedError, OpenFailedError
from config.vault.subjects import KeySubject

MAGIC = b"\x8fGV"
FMT_1 = b"\x01"
AES_256_GCM = b"\x01"
HEADER = MAGIC + FMT_1 + AES_256_GCM
_KEY_ID_END = len(HEADER) + 16
_NONCE_LENGTH = 12
_NONCE_END = _KEY_ID_END + _NONCE_LENGTH
_TAG_LENGTH = 16
SHORTEST = _NONCE_END + _TAG_LENGTH


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a sealed value belongs, and whose it is."""

    table: str
    column: str
    row: str
    subject: KeySubject

    def __str__(self) -> str:
        return f"{self.table}.{self.column} of {self.row}"

    def aad(self) -> bytes:
        """The additional authenticated data: header, table, column, row and subject, each after its length."""
        parts = (
            HEADER,
            self.table.encode(),
            self.column.encode(),
            self.row.encode(),
            self.subject.canonical.encode(),
        )
        return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


@dataclass(frozen=True, kw_only=True, slots=True)
class Envelope:
    """A parsed envelope. `ciphertext` ends with the GCM tag."""

    data_key_id: UUID
    nonce: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Raises OpenFailedError (`malformed`) for anything but an envelope of a format that we know."""
        if len(data) < SHORTEST or not data.startswith(HEADER):
            raise OpenFailedError("malformed")
        return cls(
            data_key_id=UUID(bytes=data[len(HEADER) : _KEY_ID_END]),
            nonce=data[_KEY_ID_END:_NONCE_END],
            ciphertext=data[_NONCE_END:],
        )

    def __bytes__(self) -> bytes:
        return HEADER + self.data_key_id.bytes + self.nonce + self.ciphertext

    def open(self, key: bytes, place: Place) -> bytes:
        """The plaintext. Raises OpenFailedError (`refused`) when altered, or sealed for another place or key."""
        try:
            return AESGCM(key).decrypt(self.nonce, self.ciphertext, place.aad())
        except InvalidTag:
            raise OpenFailedError("refused") from None


def seal(plaintext: bytes, *, key: bytes, data_key_id: UUID, place: Place) -> Envelope:
    """`plaintext` under a fresh nonce. Raises AlreadySealedError when it is an envelope itself, of any format."""
    if looks_sealed(plaintext):
        raise AlreadySealedError("an envelope is not sealed again")
    nonce = os.urandom(_NONCE_LENGTH)
    ciphertext = AESGCM(key).encrypt(nonce, plaintext, place.aad())
    return Envelope(data_key_id=data_key_id, nonce=nonce, ciphertext=ciphertext)


def looks_sealed(data: bytes) -> bool:
    """Whether `data` starts as envelopes do, whatever their format."""
    return data.startswith(MAGIC)
