"""From what waits to rows of the table."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from authz.engine.references import split
from authz.models import DecisionRecord
from authz.recording.noted import Noted
from authz.recording.snapshot import kept

SAID_BY_THE_REFERENCE = ("id", "type")


def row_of(noted: Noted) -> DecisionRecord:
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
    return DecisionRecord(
        decided_at=noted.decided_at,
        subject=noted.subject,
        subject_type=split(noted.subject)[0],
        action=noted.action,
        resource=noted.resource,
        resource_type=split(noted.resource)[0],
        allowed=noted.allowed,
        reason=noted.reason,
        policy=noted.policy,
        policy_version=noted.policy_version,
        fingerprint=noted.fingerprint,
        source=noted.source,
        request_id=noted.request_id,
        context=stored["context"],
        subject_attributes=stored["subject"],
        resource_attributes=stored["resource"],
        left_out=left_out,
    )


def _own(attributes: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if attributes is None:
        return None
    return {name: value for name, value in attributes.items() if name not in SAID_BY_THE_REFERENCE}
