"""The envelope as bytes: one encoding, and not a bit of it can change."""

from uuid import UUID, uuid4

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from config.vault.envelope import HEADER, SHORTEST, Envelope, Place, looks_sealed, seal
from config.vault.errors import AlreadySealedError, OpenFailedError
from config.vault.subjects import KeySubject

KEY = bytes(range(32))
KEY_ID = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
PLACE = Place(table="notes", column="secret", row="1", subject=KeySubject("user", "usr_1"))
SEALED_LONG_AGO = (  # b"a secret" under KEY for PLACE, in the format as it was first published
    "8f4756010101890a5dac96774bbcceb302099a80576465666768696a6b6c6d6e6f"
    "293bad031a9b33eaa58e50c31330b6d1fc3cdf4b699cf1f6"
)
plaintexts = st.binary(max_size=300).filter(lambda data: not looks_sealed(data))
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def sealed(plaintext: bytes = b"a secret") -> bytes:
    return bytes(seal(plaintext, key=KEY, data_key_id=KEY_ID, place=PLACE))


@given(plaintexts)
def test_what_was_sealed_opens_to_the_same_bytes(plaintext: bytes) -> None:
    envelope = Envelope.parse(sealed(plaintext))
    assert envelope.data_key_id == KEY_ID
    assert envelope.open(KEY, PLACE) == plaintext


def test_what_was_sealed_long_ago_still_opens() -> None:
    assert Envelope.parse(bytes.fromhex(SEALED_LONG_AGO)).open(KEY, PLACE) == b"a secret"


@given(plaintexts, st.data())
def test_an_envelope_with_any_bit_flipped_does_not_open(
    plaintext: bytes, data: st.DataObject
) -> None:
    whole = bytearray(sealed(plaintext))
    position = data.draw(st.integers(0, len(whole) - 1))
    whole[position] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(OpenFailedError):
        # Another key id names another key, which is what the caller would fetch and try.
        altered = Envelope.parse(bytes(whole))
        altered.open(KEY if altered.data_key_id == KEY_ID else bytes(32), PLACE)


def test_every_single_byte_of_an_envelope_matters() -> None:
    whole = sealed()
    for position in range(len(whole)):
        altered = bytearray(whole)
        altered[position] ^= 0xFF
        with pytest.raises(OpenFailedError):
            parsed = Envelope.parse(bytes(altered))
            parsed.open(KEY if parsed.data_key_id == KEY_ID else bytes(32), PLACE)


@given(st.data())
def test_a_cut_or_lengthened_envelope_does_not_open(data: st.DataObject) -> None:
    whole = sealed()
    cut = data.draw(st.integers(0, len(whole) - 1))
    for altered in (whole[:cut], whole + data.draw(st.binary(min_size=1, max_size=20))):
        with pytest.raises(OpenFailedError):
            Envelope.parse(altered).open(KEY, PLACE)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_envelope_are_never_taken_for_plaintext(data: bytes) -> None:
    if not data.startswith(HEADER) or len(data) < SHORTEST:
        with pytest.raises(OpenFailedError) as caught:
            Envelope.parse(data)
        assert caught.value.outcome == "malformed"


@given(st.binary(min_size=SHORTEST - len(HEADER), max_size=200))
def test_an_envelope_has_exactly_one_encoding(rest: bytes) -> None:
    assert bytes(Envelope.parse(HEADER + rest)) == HEADER + rest


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(OpenFailedError) as caught:
        Envelope.parse(sealed()).open(bytes(32), PLACE)
    assert caught.value.outcome == "refused"


def test_two_seals_of_the_same_plaintext_differ() -> None:
    assert sealed() != sealed()


def test_an_envelope_is_not_sealed_again() -> None:
    with pytest.raises(AlreadySealedError):
        seal(sealed(), key=KEY, data_key_id=KEY_ID, place=PLACE)


def test_an_envelope_of_a_format_to_come_is_not_sealed_again_either() -> None:
    with pytest.raises(AlreadySealedError):
        seal(HEADER[:3] + b"\x02" + bytes(60), key=KEY, data_key_id=KEY_ID, place=PLACE)


@given(st.text(min_size=1))
def test_no_text_is_taken_for_an_envelope(text: str) -> None:
    assert not looks_sealed(text.encode(errors="ignore"))


@given(st.tuples(names, names, names), st.tuples(names, names, names))
@example(("ab", "c", "d"), ("a", "bc", "d"))
@example(("a", "b", "c"), ("a", "", "bc"))
def test_two_places_never_share_their_authenticated_data(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    def aad(parts: tuple[str, str, str]) -> bytes:
        table, column, row = parts
        return Place(table=table, column=column, row=row, subject=PLACE.subject).aad()

    assert (aad(one) == aad(other)) is (one == other)


def test_an_envelope_shows_neither_nonce_nor_ciphertext() -> None:
    envelope = seal(b"a secret", key=KEY, data_key_id=uuid4(), place=PLACE)
    assert "nonce" not in repr(envelope)
    assert "ciphertext" not in repr(envelope)
