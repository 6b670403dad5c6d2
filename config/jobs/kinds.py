"""What the kinds of jobs are called: each app names its own beside the service that enqueues it."""

from typing import Any

_names: dict[str, Any] = {}


def named(kind: str, name: Any) -> str:
    """`kind`, for which staff read `name` (a text that may be lazy) from now on. Raises ValueError for another name."""
    known = _names.setdefault(kind, name)
    if known is not name and str(known) != str(name):
        raise ValueError(f"{kind} has another name")
    return kind


def name_of(kind: str) -> str:
    """In the reader's language; `kind` itself when nobody named it."""
    return str(_names.get(kind, kind))
