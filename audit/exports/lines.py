"""A row of the trail as a line of an export, written by PostgreSQL: a template of its `format()`, and what fills it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from typeid.core.constants import ALPHABET

# A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
QUOTED = (",", '"', "\r", "\n")  # RFC 4180 section 2
MOST_BITS = 130  # of the 26 characters of 5 bits, of which a UUID fills 128


@dataclass(frozen=True)
class Word:
    """An expression whose text needs no escape: moments, ids of ours, and what a constraint keeps plain."""

    expression: str


Told = str | Word | Mapping[str, "Told"]


@dataclass(frozen=True, kw_only=True)
class Line:
    """`template` as `format()` takes it, and the SQL expression for each of its `%s`."""

    template: str
    values: tuple[str, ...]


def json_line(told: Mapping[str, Told], *, ending: str = "") -> Line:
    """An object of the members `told`, in their order; each is an expression that gives JSON, or an object again."""
    return Line(template=_object(told) + ending, values=tuple(_values(told)))


def csv_line(cells: Iterable[str]) -> Line:
    values = tuple(cells)
    return Line(template=",".join(["%s"] * len(values)) + "\r\n", values=values)


def text(column: str) -> str:
    """Any text, as JSON."""
    return f"to_json({column})"


def word_or_null(expression: str) -> str:
    """Text that needs no escape, as JSON."""
    return f"""coalesce('"' || {expression} || '"', 'null')"""


def number(column: str) -> str:
    return f"coalesce({column}::text, 'null')"


def chosen(column: str, known: Mapping[str, int], other: int | None) -> str:
    """The number that goes with the text in `column`, as JSON."""
    numbers = constant(json.dumps(known))
    return f"coalesce({numbers}::jsonb ->> {column}, {constant(json.dumps(other))})"


def constant(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def cell(expression: str) -> str:
    """Any text as a cell of CSV that no spreadsheet takes for a formula; nothing for NULL."""
    starts = constant("".join(FORMULA_STARTS))
    guarded = (
        f"CASE WHEN strpos({starts}, left({expression}, 1)) > 0 AND {expression} <> ''"
        f" THEN '''' || {expression} ELSE {expression} END"
    )
    special = " OR ".join(f"strpos({expression}, {constant(mark)}) > 0" for mark in QUOTED)
    quoted = f"""'"' || replace({guarded}, '"', '""') || '"'"""
    return f"CASE WHEN {special} THEN {quoted} ELSE {guarded} END"


def moment(column: str, *, zone: str) -> str:
    """ISO 8601 in UTC, without a fraction when there is none."""
    written = f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')"""
    return f"replace({written}, '.000000', '') || {constant(zone)}"


def public_id(prefix: str) -> str:
    """The public id (`config.ids`) of the UUID whose halves are in `high` and `low`."""
    characters = (_character(_five_bits(end)) for end in range(MOST_BITS - 5, -1, -5))
    return " || ".join((constant(f"{prefix}_"), *characters))


def half(column: str, side: str) -> str:
    """The `left` or `right` half of a UUID as a bigint."""
    return f"('x' || {side}(replace({column}::text, '-', ''), 16))::bit(64)::bigint"


def _object(told: Mapping[str, Told]) -> str:
    return "{" + ",".join(f'"{name}":{_place(value)}' for name, value in told.items()) + "}"


def _place(value: Told) -> str:
    if isinstance(value, Mapping):
        return _object(value)
    return '"%s"' if isinstance(value, Word) else "%s"


def _values(told: Mapping[str, Told]) -> Iterable[str]:
    for value in told.values():
        if isinstance(value, Mapping):
            yield from _values(value)
        else:
            yield value.expression if isinstance(value, Word) else value


def _five_bits(end: int) -> str:
    """The bits `end` to `end + 4` of the UUID, counted from its last; above its first there are zeros."""
    if end >= 64:
        return f"(high >> {end - 64}) & {min(31, (1 << (128 - end)) - 1)}"
    if end > 59:
        upper = f"(high << {64 - end})"
        return f"({upper} | ((low >> {end}) & {(1 << (64 - end)) - 1})) & 31"
    return f"(low >> {end}) & 31"


def _character(number: str) -> str:
    return f"chr(get_byte('\\x{ALPHABET.encode().hex()}'::bytea, ({number})::int))"
