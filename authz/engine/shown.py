"""Attribute values for the eyes of people: bounded, and without what looks like a secret."""

from collections.abc import Mapping, Sequence
from typing import Any

from authz.engine import values
from authz.engine.outcomes import Unknown
from config.telemetry.redaction import REDACTED, is_secret_key, redact_text

LONGEST_TEXT = 200
MOST_ITEMS = 20
DEEPEST = 4
LEFT_OUT = "…"


def shown(value: Any, names: Sequence[str]) -> Any:
    """`value` as JSON holds it; `names` lead to it. None for what is unknown.

    What a secret's name leads to is not shown, nor what looks like one. Addresses of networks stay whole: policies
    are about them.
    """
    if isinstance(value, Unknown):
        return None
    if any(is_secret_key(name) for name in names):
        return REDACTED
    return _copy(value, depth=0)


def _copy(value: Any, *, depth: int) -> Any:
    if depth > DEEPEST:
        return LEFT_OUT
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        copy = {
            str(name)[:LONGEST_TEXT]: (
                REDACTED if is_secret_key(str(name)) else _copy(item, depth=depth + 1)
            )
            for name, item in list(value.items())[:MOST_ITEMS]
        }
        return copy | ({LEFT_OUT: LEFT_OUT} if len(value) > MOST_ITEMS else {})
    if isinstance(value, values.LISTS):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else list(value)
        some = [_copy(item, depth=depth + 1) for item in items[:MOST_ITEMS]]
        return [*some, LEFT_OUT] if len(items) > MOST_ITEMS else some
    return value


def _text(text: str) -> str:
    if len(text) <= LONGEST_TEXT and (values.address(text) or values.network(text)):
        return text
    clean = redact_text(text)
    return clean if len(clean) <= LONGEST_TEXT else clean[: LONGEST_TEXT - 1] + LEFT_OUT
