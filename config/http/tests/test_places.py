"""Places in lists as opaque texts."""

import pytest

from config.http.pagination import decode_place, encode_place


@pytest.mark.parametrize("length", range(8))
def test_a_place_of_any_length_comes_back(length: int) -> None:
    fields = ["ours", "x" * length, length, "é/?"]
    assert decode_place(encode_place(fields)) == fields


@pytest.mark.parametrize("text", ["x", "=", "WzEsMiwzXQ==\n", "bnVsbA", "e30", "é", "////"])
def test_what_nobody_made_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        decode_place(text)
