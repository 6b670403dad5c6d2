"""What changed between two JSON documents, place by place."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Difference:
    """`before` is None for what was added, `after` for what was removed."""

    path: str
    change: Literal["added", "removed", "changed"]
    before: Any = None
    after: Any = None


def between(before: Any, after: Any, path: str = "") -> Iterator[Difference]:
    """The differences, in the order of their places; lists are compared element by element."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted({*before, *after}):
            yield from _member(before, after, name, f"{path}.{name}".lstrip("."))
    elif isinstance(before, list) and isinstance(after, list):
        old, new = dict(enumerate(before)), dict(enumerate(after))
        for index in range(max(len(before), len(after))):
            yield from _member(old, new, index, f"{path}.{index}")
    elif before.__class__ is not after.__class__ or before != after:
        yield Difference(path, "changed", before, after)


def _member(before: Any, after: Any, name: Any, path: str) -> Iterator[Difference]:
    if name not in before:
        yield Difference(path, "added", after=after[name])
    elif name not in after:
        yield Difference(path, "removed", before=before[name])
    else:
        yield from between(before[name], after[name], path)
