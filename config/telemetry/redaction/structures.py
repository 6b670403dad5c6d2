"""Secrets in nested values, by the keys above them and by their own look."""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from config.telemetry.redaction.keys import REDACTED, is_secret_key
from config.telemetry.redaction.text import redact_text

DEEPEST = 8
MOST_VALUES = 2_000

# Ids of the machinery look like keys and are none.
IDENTIFIER_KEYS = frozenset(
    {"request_id", "trace_id", "span_id", "parent_id", "traceparent", "kid"}
)
_IDENTIFIER = re.compile(
    r"[0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f-]{36}|00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"
)


def redact(value: Any, *, key: str = "") -> Any:
    """`value` as JSON can hold it (text, numbers, booleans, None, dictionaries, lists), without secrets.

    `key` is the name it stands under. Nesting deeper than 8 and more than 2,000 values are left out. Other
    objects become their redacted text. Doing it again changes nothing.
    """
    return _Walk().value(value, key, depth=0)


class _Walk:
    """One structure being copied; counts values, so that a cycle or a huge one ends."""

    def __init__(self) -> None:
        self._left = MOST_VALUES

    def value(self, value: Any, key: str, *, depth: int) -> Any:
        self._left -= 1
        if self._left < 0 or depth > DEEPEST:
            return "[left out]"
        if value is None or isinstance(value, bool):
            return value
        if key and is_secret_key(key):
            return REDACTED if value != "" else ""
        if isinstance(value, Mapping):
            return self._mapping(value, depth)
        if isinstance(value, list | tuple | set | frozenset):
            return self._items(value, key, depth)
        return _plain(value, key)

    def _mapping(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        copy: dict[str, Any] = {}
        for name, item in value.items():
            if self._left <= 0:
                break
            text = name if isinstance(name, str) else str(_plain(name, ""))
            copy[redact_text(text)] = self.value(item, text, depth=depth + 1)
        return copy

    def _items(self, values: Iterable[Any], key: str, depth: int) -> list[Any]:
        copy: list[Any] = []
        for item in values:
            if self._left <= 0:
                break
            copy.append(self.value(item, key, depth=depth + 1))
        return copy


def _plain(value: Any, key: str) -> Any:
    if isinstance(value, str):
        if key in IDENTIFIER_KEYS and _IDENTIFIER.fullmatch(value):
            return str(value)
        return redact_text(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return redact_text(bytes(value).decode("utf-8", "backslashreplace"))
    return redact_text(_text_of(value))


def _text_of(value: Any) -> str:
    """What `str` says of times, ids, paths, translations and the like; never an error."""
    try:
        return str(value)
    except Exception as error:
        return f"<{type(value).__qualname__} whose text fails with {type(error).__name__}>"
