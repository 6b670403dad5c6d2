"""An archive sealed with a one-time password.

AES-256-GCM (NIST SP 800-38D) over the whole archive as one message, under a key that scrypt (RFC 7914) makes of the
password. The file: magic, salt (16), nonce (12), ciphertext, tag (16); what comes before the ciphertext is
authenticated with it. One message holds at most 64 GiB.
"""

import os
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from audit.privacy.errors import ArchiveNotOpenedError

MAGIC = b"gatehouse-sealed-archive-1\n"
SALT, NONCE, TAG = 16, 12, 16
CHUNK = 1 << 20


def seal(source: Path, target: Path, *, password: str) -> None:
    """Write `source`, sealed, to `target`."""
    header = MAGIC + os.urandom(SALT) + os.urandom(NONCE)
    encryptor = _cipher(header, password).encryptor()
    encryptor.authenticate_additional_data(header)
    with source.open("rb") as plain, target.open("wb") as sealed:
        sealed.write(header)
        while chunk := plain.read(CHUNK):
            sealed.write(encryptor.update(chunk))
        encryptor.finalize()
        sealed.write(encryptor.tag)


def unseal(source: Path, target: Path, *, password: str) -> None:
    """Write what was sealed to `target`, which is there only if all of it is as it was sealed.

    Raises ArchiveNotOpenedError for another password, and for a file that was altered or is no sealed archive.
    """
    partial = target.with_name(target.name + ".partial")
    try:
        with source.open("rb") as sealed, partial.open("wb") as plain:
            _unseal(sealed, plain, password)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _unseal(sealed: BinaryIO, plain: BinaryIO, password: str) -> None:
    header = sealed.read(len(MAGIC) + SALT + NONCE)
    left = os.fstat(sealed.fileno()).st_size - len(header) - TAG
    if not header.startswith(MAGIC) or left < 0:
        raise ArchiveNotOpenedError
    decryptor = _cipher(header, password).decryptor()
    decryptor.authenticate_additional_data(header)
    while left:
        chunk = sealed.read(min(CHUNK, left))
        left -= len(chunk)
        plain.write(decryptor.update(chunk))
    try:
        decryptor.finalize_with_tag(sealed.read(TAG))
    except InvalidTag:
        raise ArchiveNotOpenedError from None


def _cipher(header: bytes, password: str) -> "Cipher[modes.GCM]":
    salt, nonce = header[len(MAGIC) : -NONCE], header[-NONCE:]
    key = Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(password.encode())
    return Cipher(algorithms.AES(key), modes.GCM(nonce))
