"""What may stand where a person writes a name: it goes into mails, some of them to addresses that nobody has proven."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

JOINERS = frozenset("\u200c\u200d")  # scripts of India need them inside words
# What mail programs turn into links by themselves. Initials ("M.S. Dhoni", "K.Srinivasan") are none: one letter before
# the dot, a capital after it.
LINK = re.compile(
    r"://|www\.|[/\\@]|\w{2,}\.\w{2,}|\w\.[^\W\dA-Z_]\w",
)


def validate_name(value: str) -> None:
    """Raises ValidationError for control and invisible characters, and for what reads as an address of the web."""
    if any(
        unicodedata.category(character).startswith("C") or character in "\u2028\u2029"
        for character in value
        if character not in JOINERS
    ):
        raise ValidationError(
            _("Holds a character that cannot be seen."), code="invisible_character"
        )
    if LINK.search(value):
        raise ValidationError(
            _("Reads like a link. Put a space after a full stop, and leave out / and @."),
            code="looks_like_a_link",
        )
