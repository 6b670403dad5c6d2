"""What a checkpoint says, as the text that is signed, and back."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from audit.chain.merkle import root_of

VERSION = "gatehouse.audit.v1"
BEFORE_THE_FIRST = "0" * 64


@dataclass(frozen=True, slots=True)
class SignedSpan:
    """A stretch of one chain: places `first` to `last`, the Merkle root of its rows, and the chain's hash at `last`."""

    day: date
    shard: int
    first: int
    last: int
    root: bytes
    head: bytes

    @property
    def rows(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The root is that of a tree over the roots of the spans."""

    number: int
    previous: str
    made_at: datetime
    spans: Sequence[SignedSpan]

    @property
    def rows(self) -> int:
        return sum(span.rows for span in self.spans)

    @property
    def root(self) -> bytes:
        return root_of([span.root for span in self.spans])

    def text(self) -> str:
        """One JSON object without spaces, names in order."""
        told: dict[str, Any] = {
            "version": VERSION,
            "number": self.number,
            "previous": self.previous,
            "made_at": self.made_at.isoformat(),
            "rows": self.rows,
            "root": self.root.hex(),
            "spans": [
                [
                    each.day.isoformat(),
                    each.shard,
                    each.first,
                    each.last,
                    each.root.hex(),
                    each.head.hex(),
                ]
                for each in self.spans
            ],
        }
        return json.dumps(told, separators=(",", ":"), sort_keys=True)

    @classmethod
    def read(cls, text: str) -> "Statement":
        """Raises ValueError for a text that `text` did not make."""
        try:
            told = json.loads(text)
            statement = cls(
                number=told["number"],
                previous=told["previous"],
                made_at=datetime.fromisoformat(told["made_at"]),
                spans=[_span(each) for each in told["spans"]],
            )
        except (KeyError, TypeError) as error:
            raise ValueError("not a checkpoint's statement") from error
        if statement.text() != text:
            raise ValueError("not a checkpoint's statement")
        return statement


def digest_of(text: str) -> str:
    """As the next checkpoint names this one."""
    return hashlib.sha256(text.encode()).hexdigest()


def _span(told: Sequence[Any]) -> SignedSpan:
    day, shard, first, last, root, head = told
    return SignedSpan(
        date.fromisoformat(day), shard, first, last, bytes.fromhex(root), bytes.fromhex(head)
    )
