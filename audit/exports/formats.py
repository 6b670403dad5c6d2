"""The formats of an export: what comes first, each row, what comes between two, what comes last."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.exports.lines import (
    Line,
    Told,
    Word,
    cell,
    chosen,
    csv_line,
    json_line,
    moment,
    number,
    public_id,
    text,
    word_or_null,
)
from audit.exports.ocsf import CLASSES, OCSF_EVENT

# As `GET /v1/audit/events` tells it.
EVENT: Mapping[str, Told] = {
    "id": Word(public_id("evt")),
    "occurred_at": Word(moment("occurred_at", zone="Z")),
    "event_type": Word("event_type"),
    "ocsf_class_uid": chosen("event_type", CLASSES, None),
    "outcome": Word("outcome"),
    "actor": {"type": Word("actor_type"), "id": text("actor_id")},
    "user_id": text("subject_user_id"),
    "session_id": text("session_id"),
    "client_id": text("client_id"),
    "ip": word_or_null("address"),
    "country": text("country"),
    "asn": number("asn"),
    "device_fingerprint": text("device_fingerprint"),
    "user_agent": text("user_agent"),
    "risk_score": number("risk_score"),
    "risk_signals": "signals",
    "request_id": text("request_id"),
    "metadata": "details",
}
CELLS: Mapping[str, str] = {
    "id": public_id("evt"),
    "occurred_at": moment("occurred_at", zone="+00:00"),
    "event_type": "event_type",
    "outcome": "outcome",
    "actor_type": "actor_type",
    "actor_id": cell("actor_id"),
    "subject_user_id": cell("subject_user_id"),
    "session_id": cell("session_id"),
    "client_id": cell("client_id"),
    "ip": cell("address"),
    "country": cell("country"),
    "asn": cell("asn::text"),
    "device_fingerprint": cell("device_fingerprint"),
    "user_agent": cell("user_agent"),
    "risk_score": "risk_score",
    "risk_signals": cell("signals"),
    "request_id": cell("request_id"),
    "metadata": cell("details"),
}


class ExportFormat(models.TextChoices):
    JSON = "json", _("JSON")
    JSONL = "jsonl", _("JSON, an object a line")
    CSV = "csv", _("CSV")
    OCSF = "ocsf", _("OCSF, an object a line")


@dataclass(frozen=True, kw_only=True)
class Writer:
    """How a file of the format is put together. `line` is a row, `between` what stands between two of them."""

    media_type: str
    ending: str
    line: Line
    opening: bytes = b""
    between: str = ""
    closing: bytes = b""

    def go_on(self, rows: str, *, first: bool) -> bytes:
        """A page's `rows`, behind what is written already unless they are the `first`."""
        return (rows if first or not rows else self.between + rows).encode()


WRITERS: Mapping[str, Writer] = {
    ExportFormat.JSON: Writer(
        media_type="application/json",
        ending="json",
        line=json_line(EVENT),
        opening=b'{"events":[\n',
        between=",\n",
        closing=b"\n]}\n",
    ),
    ExportFormat.JSONL: Writer(
        media_type="application/x-ndjson", ending="jsonl", line=json_line(EVENT, ending="\n")
    ),
    ExportFormat.CSV: Writer(
        media_type="text/csv; charset=utf-8",
        ending="csv",
        line=csv_line(CELLS.values()),
        opening=(",".join(CELLS) + "\r\n").encode(),
    ),
    ExportFormat.OCSF: Writer(
        media_type="application/x-ndjson",
        ending="ocsf.jsonl",
        line=json_line(OCSF_EVENT, ending="\n"),
    ),
}
