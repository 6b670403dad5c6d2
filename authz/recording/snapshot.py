"""What is kept of a question's attributes: enough to decide it again, nothing secret, and not too much."""

from collections.abc import Mapping
from typing import Any

import orjson

from authz.engine import values
from config.telemetry.redaction import REDACTED, is_secret_key, redact_text

MOST_MEMBERS = 500  # looked at before something counts as heavy
LONGEST_HELD = 16 * 1024  # characters of a context that may wait in memory
DEEPEST = 8


def is_light(value: Mapping[str, Any]) -> bool:
    """Whether something that a caller sent may wait in memory. Takes no longer for a huge one."""
    members, length = 0, 0
    rest: list[Any] = [value]
    while rest:
        item = rest.pop()
        members += 1
        if isinstance(item, str):
            length += len(item)
        elif isinstance(item, Mapping):
            if members + len(item) > MOST_MEMBERS:
                return False
            length += sum(map(len, item))
            rest += item.values()
        elif isinstance(item, values.LISTS):
            if members + len(item) > MOST_MEMBERS:
                return False
            rest += item
        if members > MOST_MEMBERS or length > LONGEST_HELD:
            return False
    return True


def kept(attributes: Mapping[str, Any], *, limit: int) -> tuple[dict[str, Any], list[str]]:
    """The attributes as JSON, and the names of those that are not whole: secrets, and the largest of too many.

    `limit` is in bytes.
    """
    copies = {name: _Copy() for name in attributes}
    clean = {name: copies[name].of(attributes[name], name, depth=0) for name in attributes}
    left_out = [name for name, copy in copies.items() if copy.is_cut]
    sizes = {name: len(name) + len(orjson.dumps(value)) + 4 for name, value in clean.items()}
    total = sum(sizes.values())
    for name in sorted(sizes, key=lambda one: (-sizes[one], one)):
        if total <= limit:
            break
        del clean[name]
        total -= sizes[name]
        left_out.append(name)
    return clean, sorted(set(left_out))


class _Copy:
    """One attribute being copied; knows whether something was taken out of it."""

    def __init__(self) -> None:
        self.is_cut = False

    def of(self, value: Any, name: str, *, depth: int) -> Any:
        if value is not None and is_secret_key(name):
            self.is_cut = True
            return REDACTED
        if depth > DEEPEST:
            self.is_cut = True
            return None
        if isinstance(value, Mapping):
            return {
                str(key): self.of(item, str(key), depth=depth + 1) for key, item in value.items()
            }
        if isinstance(value, values.LISTS):
            items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
            return [self.of(item, "", depth=depth + 1) for item in items]
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        """Network addresses stay whole, for policies ask about them; what looks like a secret goes."""
        if values.address(text) is not None:
            return text
        clean = redact_text(text)
        if REDACTED not in clean or REDACTED in text:
            return text
        self.is_cut = True
        return clean
