"""Whose data a data key protects. Destroying the key of a subject destroys everything sealed for it."""

import re
from dataclasses import dataclass

_KIND = re.compile(r"[a-z][a-z_]{0,31}")
_ID_LENGTH = 128


@dataclass(frozen=True, slots=True)
class KeySubject:
    """`kind` is `user`, `trading_account` or `platform`; `id` a public id, or a name for the platform's own keys.

    Raises ValueError for a kind that is not a plain lower-case word, or an empty or overlong id.
    """

    kind: str
    id: str

    def __post_init__(self) -> None:
        if not _KIND.fullmatch(self.kind):
            raise ValueError("the kind of a key subject is a lower-case word")
        if not 0 < len(self.id) <= _ID_LENGTH:
            raise ValueError("the id of a key subject has 1 to 128 characters")

    @property
    def canonical(self) -> str:
        """`kind:id`. A kind has no colon, so two subjects never share one."""
        return f"{self.kind}:{self.id}"
