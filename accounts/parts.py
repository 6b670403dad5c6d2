"""Finding people by a part of what one knows: an index narrows, and what is left is compared (ADR 0200)."""

import re
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Func, Q, TextField, Value
from django.db.models.functions import Upper

SHORTEST_PART = 3  # characters; of fewer only beginnings of words are known
BETWEEN_DIGITS = re.compile(r"[\s().-]")


class PersonParts(Func):
    """What the index `user_by_parts` holds of a row; the function is made by a migration."""

    function = "accounts_person_parts"
    output_field = ArrayField(TextField())

    def __init__(self) -> None:
        super().__init__("name", "email", "phone")


def containing(text: str) -> Q:
    """Who has `text` in their name or address, or its digits in their phone number; of one or two characters, who has a
    word of the name, or the address, that begins so. For a queryset with `parts=PersonParts()`.
    """
    if len(text) < SHORTEST_PART:
        return Q(parts__contains=[_upper(f"^{text}")])
    found = _with_parts_of(text) & (Q(name__icontains=text) | Q(email__icontains=text))
    if digits := digits_of_phone(text):
        found |= _with_parts_of(digits) & Q(phone__contains=digits)
    return found


def digits_of_phone(text: str) -> str:
    """The digits of what may be a part of a phone number, however it is written; empty for anything else, and for too
    few to look for.
    """
    digits = BETWEEN_DIGITS.sub("", text)
    return digits if digits.lstrip("+").isdecimal() and len(digits) >= SHORTEST_PART else ""


def _with_parts_of(text: str) -> Q:
    places = range(len(text) - SHORTEST_PART + 1)
    parts = dict.fromkeys(text[place : place + SHORTEST_PART] for place in places)
    return Q(parts__contains=[_upper(part) for part in parts])


def _upper(part: str) -> Any:
    """In capitals as the database makes them, whose idea of them the index has."""
    return Upper(Value(part, TextField()))
