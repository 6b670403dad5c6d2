"""JSON in, strictly, and JSON out, quickly."""

import json
import math
from collections.abc import Mapping
from typing import IO, Any

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from config.http.problems import MalformedBodyError

DEEPEST = 32
LARGEST = 5_000  # members of one object or array: ten times what any request of ours needs
SMALLEST_NUMBER, LARGEST_NUMBER = -(2**63), 2**64 - 1  # whole; no other could be written again


class RefusedValueError(ValueError):
    """Well-formed JSON that we do not take; the text is ours and may be shown."""


def parse(raw: bytes) -> Any:
    """The value of a JSON text (RFC 8259) in UTF-8.

    Raises MalformedBodyError for what other parsers read differently or a database cannot hold: a key given twice,
    NaN and infinities, numbers beyond 64 bits, NUL and lone surrogates in strings, nesting deeper than 32, and
    containers of more than 5,000 members.
    """
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_unique_keys,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_of_64_bits,
        )
    except RecursionError:
        raise MalformedBodyError(f"Nested deeper than {DEEPEST}.") from None
    except UnicodeDecodeError:
        raise MalformedBodyError("The body is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise MalformedBodyError(
            f"Not JSON at line {error.lineno}, column {error.colno}."
        ) from None
    except RefusedValueError as error:
        raise MalformedBodyError(str(error)) from None
    except ValueError:
        raise MalformedBodyError("A number has too many digits.") from None
    _inspect(value, texts=b"\\u" in raw)
    return value


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise RefusedValueError("An object names a key twice.")
    return members


def _no_constant(name: str) -> float:
    raise RefusedValueError(f"{name} is not JSON.")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise RefusedValueError("A number is out of range.")
    return number


def _of_64_bits(text: str) -> int:
    number = int(text)
    if not SMALLEST_NUMBER <= number <= LARGEST_NUMBER:
        raise RefusedValueError("A number is out of range.")
    return number


def _inspect(value: Any, *, texts: bool) -> None:
    """Walk the value without recursion, so that a hostile depth cannot exhaust the stack. `texts`: what must not be in
    strings comes by an escape alone; raw, a NUL is no JSON and half of a surrogate pair no UTF-8.
    """
    level: list[Any] = [value]
    for _ in range(DEEPEST + 1):
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict | list) and len(item) > LARGEST:
                raise MalformedBodyError(f"An object or array has more than {LARGEST:,} members.")
            if isinstance(item, dict):
                if texts:
                    for key in item:
                        _check_text(key)
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
            elif texts and isinstance(item, str):
                _check_text(item)
        if not below:
            return
        level = below
    raise MalformedBodyError(f"Nested deeper than {DEEPEST}.")


def _check_text(text: str) -> None:
    if "\x00" in text or (not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text)):
        raise MalformedBodyError("A string holds a NUL or half of a surrogate pair.")


class StrictJSONParser(BaseParser):
    """DRF's door to `parse`. The body must be an object, as every request of ours is."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        value = parse(stream.read())
        if not isinstance(value, dict):
            raise ParseError("The body must be a JSON object.")
        return value


class MergePatchParser(StrictJSONParser):
    """A JSON merge patch under its own name (RFC 7396 section 4)."""

    media_type = "application/merge-patch+json"


class JSONRenderer(BaseRenderer):
    """DRF's way out through orjson; lazy translations and ids become text."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else orjson.dumps(data, default=str)
