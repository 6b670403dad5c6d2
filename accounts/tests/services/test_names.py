"""Names that people really have, and what is none."""

import pytest
from django.core.exceptions import ValidationError

from accounts.names import validate_name


@pytest.mark.parametrize(
    "name",
    [
        "Asha Rao",
        "M.S. Dhoni",
        "M.S.Dhoni",
        "K.Srinivasan",
        "J. R. R. Tolkien",
        "Dr. Rao",
        "O'Brien-Smith, Jr.",
        "Nguyễn Thị Minh",
        "आशा राव",
        "ക്‌ഷ",  # with a joiner, as Malayalam is written
        "李小龍",
        "X Æ A-12",
        "Robot No. 5",
    ],
)
def test_a_name_is_taken(name: str) -> None:
    validate_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "http://evil.example",
        "HTTPS://EVIL",
        "You won, see evil.example now",
        "www.evil",
        "evil.com",
        "Evil.Com",
        "x.com",
        "t.co",
        "a/b",
        "back\\slash",
        "mail me@evil",
        "müll.de",
    ],
)
def test_what_a_mail_program_makes_a_link_of_is_none(name: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        validate_name(name)
    assert refusal.value.code == "looks_like_a_link"


@pytest.mark.parametrize(
    "name",
    [
        "two\nlines",
        "\ttab",
        "nul\0",
        "bell\x07",
        "\u202eright to left",
        "in\u200bvisible",
        "\u2028",
    ],
)
def test_characters_that_cannot_be_seen_are_refused(name: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        validate_name(name)
    assert refusal.value.code == "invisible_character"
