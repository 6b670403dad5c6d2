"""From what waits to rows of the table, many at a time."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django.conf import settings
from django.utils import timezone

from authz.engine.references import split
from authz.models import DecisionRecord
from authz.recording.noted import Noted
from authz.recording.snapshot import kept
from config.bulk import columns_of, copy_rows
from config.ids import new_uuid

SAID_BY_THE_REFERENCE = ("id", "type")
COLUMNS = columns_of(DecisionRecord)

Row = dict[str, Any]


def write(decisions: Iterable[Noted]) -> None:
    """Write them down, all that can be or none."""
    rows = [_row_of(noted) for noted in decisions]
    copy_rows(DecisionRecord, ([row[column] for column in COLUMNS] for row in rows))


def _row_of(noted: Noted) -> Row:
    """The row for a decision, its attributes bounded and without secrets."""
    limit = settings.ENVIRONMENT.decision_record_bytes
    roots = {
        "context": noted.context,
        "subject": _own(noted.subject_attributes),
        "resource": _own(noted.resource_attributes),
    }
    stored: dict[str, dict[str, Any]] = {}
    left_out = [f"action.{name}" for name in noted.action_properties]
    for root, attributes in roots.items():
        if attributes is None:
            stored[root] = {}
            left_out.append(root)
            continue
        stored[root], names = kept(attributes, limit=limit)
        left_out += [f"{root}.{name}" for name in names]
    now = timezone.now()
    return {
        "id": new_uuid(),
        "created_at": now,
        "updated_at": now,
        "decided_at": noted.decided_at,
        "subject": noted.subject,
        "subject_type": split(noted.subject)[0],
        "action": noted.action,
        "resource": noted.resource,
        "resource_type": split(noted.resource)[0],
        "allowed": noted.allowed,
        "reason": noted.reason,
        "policy": noted.policy,
        "policy_version": noted.policy_version,
        "fingerprint": noted.fingerprint,
        "source": noted.source,
        "request_id": noted.request_id,
        "context": _json(stored["context"]),
        "subject_attributes": _json(stored["subject"]),
        "resource_attributes": _json(stored["resource"]),
        "left_out": _json(left_out),
    }


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _own(attributes: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if attributes is None:
        return None
    return {name: value for name, value in attributes.items() if name not in SAID_BY_THE_REFERENCE}
