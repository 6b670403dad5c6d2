"""Decisions as JSON."""

from typing import Any

from authz.services.decisions import Decision


def decision_document(decision: Decision) -> dict[str, Any]:
    """As `/v1/authz/check` answers."""
    document: dict[str, Any] = {
        "decision": "allow" if decision.allowed else "deny",
        "reason": decision.reason.value,
        "policy": decision.policy or None,
        "ttl": decision.ttl,
        "evaluated_at": decision.evaluated_at.isoformat().replace("+00:00", "Z"),
    }
    if decision.obligations:
        document["obligations"] = decision.obligations
    return document
