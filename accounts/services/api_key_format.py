"""How a personal API key is written: `gh_pat_`, 43 characters of chance, and a checksum of six.

All of base 62. The checksum is the CRC-32 of what stands before it: whoever scans code for leaked keys can tell a key
from what only looks like one, and we refuse a mistyped one without asking the database.
"""

import re
import secrets
import zlib
from string import ascii_lowercase, ascii_uppercase, digits

PREFIX = "gh_pat_"
ALPHABET = digits + ascii_uppercase + ascii_lowercase
RANDOM_LENGTH = 43  # 62 ** 43 > 2 ** 256
CHECKSUM_LENGTH = 6  # 62 ** 6 > 2 ** 32
SHAPE = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{RANDOM_LENGTH + CHECKSUM_LENGTH}}}")


def draw() -> str:
    """A new key with 256 bits of chance."""
    stem = PREFIX + in_base_62(secrets.randbits(256), RANDOM_LENGTH)
    return stem + checksum(stem)


def is_key(text: str) -> bool:
    """Whether `text` says that it is a key, right or wrong."""
    return text.startswith(PREFIX)


def is_well_formed(text: str) -> bool:
    """Whether it is one that we may have made: the shape and the checksum are right."""
    return (
        SHAPE.fullmatch(text) is not None
        and checksum(text[:-CHECKSUM_LENGTH]) == text[-CHECKSUM_LENGTH:]
    )


def checksum(stem: str) -> str:
    """The CRC-32 (as in zlib) of `stem` in base 62."""
    return in_base_62(zlib.crc32(stem.encode("ascii")), CHECKSUM_LENGTH)


def in_base_62(number: int, length: int) -> str:
    """`number` with the digits 0-9A-Za-z, the most significant first, padded with zeros to `length`."""
    text = ""
    while number:
        number, digit = divmod(number, len(ALPHABET))
        text = ALPHABET[digit] + text
    return text.rjust(length, ALPHABET[0])
