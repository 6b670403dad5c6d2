"""Rows of the trail as bytes, format by format: what comes first, each row, what comes last."""

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

import orjson
from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.exports.ocsf import ocsf_class_of, ocsf_event
from config.ids import public_id

COLUMNS = (
    "event_id",
    "occurred_at",
    "event_type",
    "outcome",
    "actor_type",
    "actor_id",
    "subject_user_id",
    "session_id",
    "client_id",
    "ip",
    "country",
    "asn",
    "device_fingerprint",
    "user_agent",
    "risk_score",
    "risk_signals",
    "request_id",
    "metadata",
)
CSV_HEADER = ("id", *COLUMNS[1:])
# A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")

Row = Mapping[str, Any]


class ExportFormat(models.TextChoices):
    JSON = "json", _("JSON")
    JSONL = "jsonl", _("JSON, an object a line")
    CSV = "csv", _("CSV")
    OCSF = "ocsf", _("OCSF, an object a line")


@dataclass(frozen=True, kw_only=True)
class Writer:
    """`rows` writes some, told whether the first of them is the first of all."""

    media_type: str
    ending: str
    opening: bytes = b""
    closing: bytes = b""
    rows: Callable[[Iterable[Row], bool], bytes]


def as_event(row: Row) -> dict[str, Any]:
    """As `GET /v1/audit/events` tells it."""
    return {
        "id": public_id("evt", row["event_id"]),
        "occurred_at": row["occurred_at"],
        "event_type": row["event_type"],
        "ocsf_class_uid": ocsf_class_of(row["event_type"]),
        "outcome": row["outcome"],
        "actor": {"type": row["actor_type"], "id": row["actor_id"]},
        "user_id": row["subject_user_id"],
        **{name: row[name] for name in COLUMNS[7:]},
    }


def _json_rows(rows: Iterable[Row], first: bool) -> bytes:
    text = b",\n".join(_dumps(as_event(row)) for row in rows)
    return text if first or not text else b",\n" + text


def _lines(told: Callable[[Row], Any]) -> Callable[[Iterable[Row], bool], bytes]:
    return lambda rows, first: b"".join(_dumps(told(row)) + b"\n" for row in rows)


def _csv_rows(rows: Iterable[Row], first: bool) -> bytes:
    out = StringIO()
    csv.writer(out).writerows([_cell(value) for value in _values(row)] for row in rows)
    return out.getvalue().encode()


def _values(row: Row) -> list[Any]:
    return [public_id("evt", row["event_id"]), *(row[name] for name in COLUMNS[1:])]


def _cell(value: Any) -> str:
    """Text that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, list | dict | orjson.Fragment):
        text = _dumps(value).decode()
    elif isinstance(value, int | str):
        text = str(value)
    else:
        text = value.isoformat()
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _dumps(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)


WRITERS: Mapping[str, Writer] = {
    ExportFormat.JSON: Writer(
        media_type="application/json",
        ending="json",
        opening=b'{"events":[\n',
        closing=b"\n]}\n",
        rows=_json_rows,
    ),
    ExportFormat.JSONL: Writer(
        media_type="application/x-ndjson", ending="jsonl", rows=_lines(as_event)
    ),
    ExportFormat.CSV: Writer(
        media_type="text/csv; charset=utf-8",
        ending="csv",
        opening=(",".join(CSV_HEADER) + "\r\n").encode(),
        rows=_csv_rows,
    ),
    ExportFormat.OCSF: Writer(
        media_type="application/x-ndjson", ending="ocsf.jsonl", rows=_lines(ocsf_event)
    ),
}
