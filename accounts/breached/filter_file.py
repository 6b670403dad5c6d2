"""A Bloom filter of SHA-1 hashes, and the file that it is kept in.

    magic (8) | version (2) | false-positive rate (8) | passwords (8) | SHA-256 of all the rest (32) | filter

Numbers are big-endian, the rate is an IEEE 754 double. SHA-1, because that is what lists of breached passwords are
published as; it protects nothing here, it only spreads.
"""

import math
import os
import struct
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha1, sha256
from hmac import compare_digest
from pathlib import Path
from typing import Self

from rbloom import Bloom

from accounts.breached.errors import BreachedListError

MAGIC = b"GHBREACH"
VERSION = 1
HEADER = struct.Struct(">8sHdQ")
DIGEST_LENGTH = 32


def digest_of(password: str) -> bytes:
    """What stands for a password in the filter."""
    return sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()


def _spread(digest: bytes) -> int:
    """rbloom's hash, a signed number of 128 bits: the same in every process, which Python's own is not."""
    return int.from_bytes(digest[:16], "big", signed=True)


@dataclass(frozen=True)
class BreachedList:
    """`passwords` hashes, one of which another password is taken for with the probability `rate`."""

    passwords: int
    rate: float
    bloom: Bloom = field(repr=False)

    def __contains__(self, digest: bytes) -> bool:
        return digest in self.bloom

    @classmethod
    def of(cls, digests: Iterable[bytes], *, expected: int, rate: float) -> Self:
        """Fill a new one; with more than `expected` digests the rate would be worse than asked for."""
        bloom = Bloom(max(1, expected), rate, _spread)
        passwords = 0
        for passwords, digest in enumerate(digests, 1):  # noqa: B007 - counted on the way
            bloom.add(digest)
        return cls(passwords, rate, bloom)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raises BreachedListError for what is not such a file or was damaged, OSError for what cannot be read."""
        data = path.read_bytes()
        rate, passwords = _header_of(data[: HEADER.size])
        start = HEADER.size + DIGEST_LENGTH
        if not compare_digest(
            data[HEADER.size : start], _checksum(data[: HEADER.size], data[start:])
        ):
            raise BreachedListError("its checksum does not fit: it was damaged")
        return cls(passwords, rate, Bloom.load_bytes(data[start:], _spread))

    def write(self, path: Path) -> int:
        """Put it in place of `path` in one step; returns the size in bytes."""
        header = HEADER.pack(MAGIC, VERSION, self.rate, self.passwords)
        body = self.bloom.save_bytes()
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        unfinished = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.writelines((header, _checksum(header, body), body))
                file.flush()
                os.fsync(file.fileno())
            unfinished.chmod(0o644)  # the web server's user may be another than who updates
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        return len(header) + DIGEST_LENGTH + len(body)


def check_header(path: Path) -> None:
    """A quick look, without the checksum. Raises BreachedListError and OSError."""
    with path.open("rb") as file:
        _header_of(file.read(HEADER.size))


def size_for(passwords: int, rate: float) -> int:
    """About how many bytes the file will have: a Bloom filter takes -log2(rate) / ln 2 bits for each entry."""
    return math.ceil(max(1, passwords) * -math.log2(rate) / math.log(2) / 8)


def _header_of(data: bytes) -> tuple[float, int]:
    if len(data) < HEADER.size or not data.startswith(MAGIC):
        raise BreachedListError("it is not a list of breached passwords")
    _, version, rate, passwords = HEADER.unpack(data)
    if version != VERSION:
        raise BreachedListError(f"it is of version {version}; this release reads {VERSION}")
    return rate, passwords


def _checksum(header: bytes, body: bytes) -> bytes:
    digest = sha256(header)
    digest.update(body)
    return digest.digest()
