import pytest

from trading.masking import masked, masked_email


@pytest.mark.parametrize(
    ("identifier", "shown"),
    [
        ("abcdefgh1234", "••••1234"),
        ("12345678", "••••5678"),
        ("AB1234", "••••34"),
        ("abcd", "••••"),
        ("", "••••"),
    ],
)
def test_an_identifier_shows_its_last_characters_and_never_most_of_it(
    identifier: str, shown: str
) -> None:
    assert masked(identifier) == shown


@pytest.mark.parametrize(
    ("address", "shown"), [("asha@example.com", "a••••@example.com"), ("", ""), ("nobody", "")]
)
def test_an_address_shows_where_and_not_who(address: str, shown: str) -> None:
    assert masked_email(address) == shown
