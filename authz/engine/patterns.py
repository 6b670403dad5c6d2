"""Patterns of subjects, actions and resources: segments between colons, and `*`.

`*` stands for any text within its segment; as the whole last segment it stands for everything that follows, colons
included. Matching is by hand because a regular expression with many stars can be made to backtrack.
"""

import re
from dataclasses import dataclass, field

from authz.engine import limits
from authz.engine.errors import flawed

SEGMENT = re.compile(r"[^\s:\x00-\x1f\x7f]+")
TYPE = re.compile(r"[a-z][a-z0-9_]{0,63}")
ANY = "*"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern. `head` is the first segment when it has no `*`, else None: what an index may file it under."""

    text: str
    exact: bool = field(init=False)
    head: str | None = field(init=False)
    _segments: tuple[tuple[str, ...], ...] = field(init=False, repr=False)
    _open_ended: bool = field(init=False, repr=False)

    def __post_init__(self) -> None:
        segments = self.text.split(":")
        put = object.__setattr__
        put(self, "exact", ANY not in self.text)
        put(self, "head", None if ANY in segments[0] else segments[0])
        put(self, "_open_ended", segments[-1] == ANY)
        put(self, "_segments", tuple(tuple(segment.split(ANY)) for segment in segments))

    @property
    def covers_its_head(self) -> bool:
        """Whether everything under its first segment matches: `trading_account:*`, or `*` alone."""
        return self.text == ANY or (self._open_ended and self.text == f"{self.head}:{ANY}")

    def matches(self, text: str) -> bool:
        """Whether `text`, a string without `*`, is one of those that the pattern stands for."""
        if self.exact:
            return text == self.text
        parts = text.split(":")
        wanted = self._segments
        if self._open_ended:
            if len(parts) < len(wanted):
                return False
            wanted = wanted[:-1]
        elif len(parts) != len(wanted):
            return False
        return all(
            _segment_matches(pieces, part) for pieces, part in zip(wanted, parts, strict=False)
        )


def _segment_matches(pieces: tuple[str, ...], text: str) -> bool:
    """`pieces` are the literal texts between the stars; the leftmost fit of each is always good enough."""
    if len(pieces) == 1:
        return text == pieces[0]
    first, *middle, last = pieces
    if len(text) < len(first) + len(last):
        return False
    if not (text.startswith(first) and text.endswith(last)):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in middle:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def parse_action(text: object, where: str) -> Pattern:
    """A pattern of actions, `trade:*`. Raises PolicyError."""
    return Pattern(_segmented(text, where))


def parse_resource(text: object, where: str) -> Pattern:
    """A pattern of resources, `trading_account:*` or `*`. Raises PolicyError."""
    checked = _segmented(text, where)
    if checked != ANY and ":" not in checked:
        raise flawed(where, "syntax", "A resource is written <type>:<id or *>, or * for all.")
    return Pattern(checked)


def parse_subject(text: object, where: str) -> str:
    """A subject: `<type>:<id>`, `<type>:*` or `role:<name>`. Raises PolicyError."""
    checked = _segmented(text, where)
    kind, colon, name = checked.partition(":")
    if not colon or not TYPE.fullmatch(kind):
        raise flawed(where, "syntax", "A subject is written <type>:<id or *> or role:<name>.")
    if ANY in name and name != ANY:
        raise flawed(where, "syntax", "In a subject * stands alone: user:*.")
    if checked == "role:*":
        raise flawed(where, "syntax", "Name the role: role:support.")
    return checked


def _segmented(text: object, where: str) -> str:
    if not isinstance(text, str):
        raise flawed(where, "type", "Must be a string.")
    if len(text) > limits.PATTERN_LENGTH:
        raise flawed(where, "length", f"At most {limits.PATTERN_LENGTH} characters.")
    if not all(SEGMENT.fullmatch(segment) for segment in text.split(":")):
        raise flawed(where, "syntax", "Segments between colons are not empty and have no spaces.")
    return text
