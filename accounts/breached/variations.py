"""The passwords that the shipped list holds: the most frequent ones, and what people make of them to please a rule.

Django ships the 20,000 most frequent passwords, most of them shorter than we allow. So the list has as well what they
become when they must be longer: doubled, with a year, with `123!`. Words are in lower case, as passwords are looked up.
"""

import gzip
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from django.contrib.auth import password_validation

DJANGOS_LIST = "common-passwords.txt.gz"
FREQUENT = 5_000  # of the list, which begins with the most frequent
SHORTEST_STEM = 4
SHORTEST = 8  # no installation allows shorter ones: PASSWORD_MIN_LENGTH
LONGEST_REPEATED = 24

OUR_WORDS = ("gatehouse", "zerodha", "trading", "trader", "kite", "nifty", "sensex", "rupee")
YEARS = tuple(str(year) for year in range(2010, 2031))
ENDINGS = (
    *("1", "12", "123", "1234", "12345", "123456", "12345678", "123456789"),
    *("!", "!!", "1!", "12!", "123!", "1234!", "@1", "@12", "@123", "@1234", "#1", "#123", "_123"),
    *YEARS,
    *(f"{year}!" for year in YEARS),
    *(f"@{year}" for year in YEARS),
)
ROWS = (
    "1234567890",
    "0987654321",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
)
REPEATED = (
    "123",
    "1234",
    "abc",
    "abcd",
    "qwe",
    "qwerty",
    "asd",
    "asdf",
    "1q2w3e",
    "zaq1",
    "xyz",
    "112233",
)


def frequent_passwords() -> list[str]:
    """Django's list, the most frequent first."""
    with gzip.open(Path(password_validation.__file__).with_name(DJANGOS_LIST), "rt") as lines:
        return [word for line in lines if (word := line.strip())]


def shipped_passwords() -> set[str]:
    """Everything that the shipped list holds."""
    frequent = frequent_passwords()
    stems = [*OUR_WORDS, *(word for word in frequent[:FREQUENT] if len(word) >= SHORTEST_STEM)]
    made = chain(_prolonged(stems), _doubled([*OUR_WORDS, *frequent]), _repeated(), _walks())
    return {*frequent, *(password for password in made if len(password) >= SHORTEST)}


def _prolonged(stems: list[str]) -> Iterator[str]:
    return (stem + ending for stem in stems for ending in ENDINGS)


def _doubled(words: list[str]) -> Iterator[str]:
    return (word * times for word in words for times in (2, 3))


def _repeated() -> Iterator[str]:
    """`aaaaaaaaaaaa`, `123123123123`"""
    characters = map(chr, range(ord("!"), ord("~") + 1))
    for unit in (*characters, *REPEATED):
        for length in range(SHORTEST, LONGEST_REPEATED + 1):
            yield (unit * length)[:length].lower()


def _walks() -> Iterator[str]:
    """Along a row of the keyboard or the alphabet, from any key, and on into the next row."""
    for first in ROWS:
        for second in ("", *ROWS):
            row = first + second
            for start in range(len(first)):
                for end in range(start + SHORTEST, len(row) + 1):
                    yield row[start:end]
