"""The formats once more, row by row in Python: what PostgreSQL writes must be the same, byte for byte."""

import csv
from collections.abc import Mapping
from datetime import UTC
from io import StringIO
from typing import Any

import orjson
from django.db.models import TextField
from django.db.models.functions import Cast

from audit.exports.ocsf import ACTIVITY
from audit.models import AuthEvent
from audit.types import AuditType
from config.ids import public_id

JSON_COLUMNS = ("risk_signals", "metadata")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
HEADER = ("id", *(field.attname for field in AuthEvent._meta.concrete_fields[1:]))
SAME_IN_JSON = HEADER[7:]

Row = Mapping[str, Any]


def written(name: str) -> bytes:
    """The whole trail in the format."""
    rows = list(_rows())
    if name == "json":
        return b'{"events":[\n' + b",\n".join(_dumps(_event(row)) for row in rows) + b"\n]}\n"
    if name == "csv":
        return _csv(rows)
    told = {"jsonl": _event, "ocsf": _ocsf}[name]
    return b"".join(_dumps(told(row)) + b"\n" for row in rows)


def _rows() -> "list[Row]":
    texts = {f"{name}_text": Cast(name, TextField()) for name in JSON_COLUMNS}
    found: Any = AuthEvent.objects.newest_first().annotate(**texts).values()
    return [
        row | {name: orjson.Fragment(row[f"{name}_text"]) for name in JSON_COLUMNS} for row in found
    ]


def _event(row: Row) -> dict[str, Any]:
    return {
        "id": public_id("evt", row["event_id"]),
        "occurred_at": row["occurred_at"],
        "event_type": row["event_type"],
        "ocsf_class_uid": _class_of(row["event_type"]),
        "outcome": row["outcome"],
        "actor": {"type": row["actor_type"], "id": row["actor_id"]},
        "user_id": row["subject_user_id"],
        **{name: row[name] for name in SAME_IN_JSON},
    }


def _ocsf(row: Row) -> dict[str, Any]:
    failed = row["outcome"] == "failure"
    uid = _class_of(row["event_type"]) or 0
    activity = ACTIVITY.get(AuditType(row["event_type"]), 99) if uid else 99  # type: ignore[call-arg]
    return {
        "class_uid": uid,
        "category_uid": uid // 1000,
        "activity_id": activity,
        "type_uid": uid * 100 + activity,
        "time": round(row["occurred_at"].astimezone(UTC).timestamp() * 1000),
        "severity_id": 3 if failed else 1,
        "status_id": 2 if failed else 1,
        "metadata": {
            "version": "1.6.0",
            "uid": public_id("evt", row["event_id"]),
            "log_name": "audit",
            "product": {"name": "Gatehouse", "vendor_name": "Gatehouse"},
        },
        "actor": {"user": {"uid": row["actor_id"], "type": row["actor_type"]}},
        "user": {"uid": row["subject_user_id"]},
        "session": {"uid": row["session_id"]},
        "src_endpoint": {
            "ip": row["ip"],
            "location": {"country": row["country"]},
            "autonomous_system": {"number": row["asn"]},
        },
        "http_request": {"uid": row["request_id"], "user_agent": row["user_agent"]},
        "risk_score": row["risk_score"],
        "unmapped": {
            "event_type": row["event_type"],
            "client_id": row["client_id"],
            "device_fingerprint": row["device_fingerprint"],
            "risk_signals": row["risk_signals"],
            "metadata": row["metadata"],
        },
    }


def _class_of(event_type: str) -> int | None:
    known = {kind.value: int(kind.ocsf_class) for kind in AuditType}
    return known.get(event_type)


def _csv(rows: "list[Row]") -> bytes:
    out = StringIO()
    lines = csv.writer(out)
    lines.writerow(HEADER)
    for row in rows:
        values = [public_id("evt", row["event_id"]), *(row[name] for name in HEADER[1:])]
        lines.writerow([_cell(value) for value in values])
    return out.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, orjson.Fragment):
        text = _dumps(value).decode()
    elif isinstance(value, int | str):
        text = str(value)
    else:
        text = value.isoformat()
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _dumps(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)
