"""How a key is written, and that what is not one is told apart without asking anybody."""

import re
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.services import api_key_format
from config.telemetry.redaction.tokens import redact_tokens

ONE = "gh_pat_" + "0" * 43  # made of zeros: its checksum is worked out below by other means


def test_a_key_is_a_prefix_256_bits_and_a_checksum() -> None:
    key = api_key_format.draw()

    assert re.fullmatch(r"gh_pat_[0-9A-Za-z]{49}", key)
    assert api_key_format.is_well_formed(key)
    assert api_key_format.draw() != key


def test_the_checksum_is_the_crc_32_of_what_stands_before_it() -> None:
    digits, number = [], zlib.crc32(ONE.encode())
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits.append("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[digit])

    assert api_key_format.checksum(ONE) == "".join(reversed(digits))
    assert api_key_format.is_well_formed(ONE + "".join(reversed(digits)))


@given(st.integers(0, 2**256 - 1))
def test_every_number_of_256_bits_fits_and_is_no_other(number: int) -> None:
    text = api_key_format.in_base_62(number, api_key_format.RANDOM_LENGTH)

    assert len(text) == 43
    value = 0
    for letter in text:
        value = value * 62 + api_key_format.ALPHABET.index(letter)
    assert value == number


@given(st.integers(7, 55), st.sampled_from(api_key_format.ALPHABET))
def test_one_letter_mistyped_is_noticed(place: int, letter: str) -> None:
    key = ONE + api_key_format.checksum(ONE)
    wrong = key[:place] + letter + key[place + 1 :]

    assert api_key_format.is_well_formed(wrong) == (wrong == key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "gh_pat_",
        ONE,
        ONE + "0000000",
        "gh_cs_" + "0" * 49,
        "gh_pat_" + "é" * 49,
        ONE + "\n" * 6,
    ],
)
def test_what_is_no_key_is_not_taken_for_one(text: str) -> None:
    assert not api_key_format.is_well_formed(text)


def test_no_log_line_shows_one() -> None:
    key = api_key_format.draw()

    assert key not in redact_tokens(f"Authorization: Bearer {key}, and {key}")
