"""Two JSON documents side by side, line by line, as people compare texts."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from authz.admin.policy_text import text_of

AROUND = 3  # lines that are shown before and after what is different


@dataclass(frozen=True, slots=True)
class Line:
    """`kind` is `same`, `added`, `removed` or, for lines that are left out, `skipped`. `before` and `after` are its
    numbers in the two texts.
    """

    kind: str
    text: str = ""
    before: int | None = None
    after: int | None = None


def lines_between(before: Any, after: Any) -> list[Line]:
    """How one document becomes the other; empty when they are the same."""
    old, new = text_of(before).splitlines(), text_of(after).splitlines()
    groups = SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(AROUND)
    found: list[Line] = []
    for group in groups:
        if group[0][1] or found:
            found.append(Line("skipped"))
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                found += _same(old[i1:i2], i1, j1)
            else:
                found += [
                    Line("removed", text, before=i1 + n) for n, text in enumerate(old[i1:i2], 1)
                ]
                found += [Line("added", text, after=j1 + n) for n, text in enumerate(new[j1:j2], 1)]
    if found and found[-1].before != len(old) and found[-1].after != len(new):
        found.append(Line("skipped"))
    return found


def _same(texts: list[str], before: int, after: int) -> Iterator[Line]:
    for number, text in enumerate(texts, 1):
        yield Line("same", text, before + number, after + number)
