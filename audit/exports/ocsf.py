"""The trail in the words of the Open Cybersecurity Schema Framework: https://schema.ocsf.io/1.6.0"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from audit.types import AuditType, OCSFClass, Outcome
from config.ids import public_id

VERSION = "1.6.0"
OTHER = 99
INFORMATIONAL, MEDIUM = 1, 3

# By class, the activities of its `activity_id`; what is not named is Other.
ACTIVITIES: Mapping[OCSFClass, Mapping[int, str]] = {
    OCSFClass.AUTHENTICATION: {1: "Logon", 2: "Logoff", 5: "Service Ticket Renew"},
    OCSFClass.ACCOUNT_CHANGE: {
        1: "Create",
        2: "Enable",
        3: "Password Change",
        4: "Password Reset",
        5: "Disable",
        6: "Delete",
        10: "MFA Factor Enable",
        11: "MFA Factor Disable",
    },
    OCSFClass.ENTITY_MANAGEMENT: {1: "Create", 3: "Update", 4: "Delete"},
    OCSFClass.USER_ACCESS_MANAGEMENT: {1: "Assign Privileges", 2: "Revoke Privileges"},
    OCSFClass.API_ACTIVITY: {2: "Read"},
    OCSFClass.DETECTION_FINDING: {1: "Create"},
}
ACTIVITY: Mapping[AuditType, int] = {
    AuditType.SIGN_IN_SUCCEEDED: 1,
    AuditType.SIGN_IN_FAILED: 1,
    AuditType.SIGN_IN_DELAYED: 1,
    AuditType.SIGN_IN_BLOCKED: 1,
    AuditType.SIGN_IN_APPROVED: 1,
    AuditType.SIGNED_OUT: 2,
    AuditType.TOKEN_REFRESHED: 5,
    AuditType.TOKEN_REUSED: 5,
    AuditType.ACCOUNT_CREATED: 1,
    AuditType.ACCOUNT_REACTIVATED: 2,
    AuditType.ACCOUNT_SUSPENDED: 5,
    AuditType.ACCOUNT_DEACTIVATED: 5,
    AuditType.ACCOUNT_ERASED: 6,
    AuditType.PASSWORD_CHANGED: 3,
    AuditType.PASSWORD_RESET: 4,
    AuditType.FACTOR_ENROLLED: 10,
    AuditType.FACTOR_REMOVED: 11,
    AuditType.ROLE_GRANTED: 1,
    AuditType.MEMBERSHIP_GRANTED: 1,
    AuditType.ROLE_REVOKED: 2,
    AuditType.ROLE_EXPIRED: 2,
    AuditType.MEMBERSHIP_REVOKED: 2,
    AuditType.POLICY_CREATED: 1,
    AuditType.POLICY_UPDATED: 3,
    AuditType.POLICY_ROLLED_BACK: 3,
    AuditType.POLICY_DELETED: 4,
    AuditType.ENTITY_STORED: 3,
    AuditType.ENTITY_DELETED: 4,
    AuditType.TRADING_ACCOUNT_LINKED: 1,
    AuditType.TRADING_ACCOUNT_UPDATED: 3,
    AuditType.TRADING_ACCOUNT_ROTATED: 3,
    AuditType.TRADING_ACCOUNT_UNLINKED: 4,
    AuditType.CLIENT_CREATED: 1,
    AuditType.CLIENT_UPDATED: 3,
    AuditType.CREDENTIALS_READ: 2,
    AuditType.TRAIL_EXPORTED: 2,
    AuditType.PERSON_EXPORTED: 2,
    AuditType.CONSOLE_VIEWED: 2,
    AuditType.SESSION_ANOMALY: 1,
    AuditType.SECRET_DID_NOT_OPEN: 1,
}


def ocsf_class_of(event_type: str) -> int | None:
    """None for a type that a newer release wrote."""
    kind = _KINDS.get(event_type)
    return int(kind.ocsf_class) if kind else None


def ocsf_event(row: Mapping[str, Any]) -> dict[str, Any]:
    """One row as an OCSF event; what has no attribute there is under `unmapped`."""
    failed = row["outcome"] == Outcome.FAILURE
    return {
        **_classified(row["event_type"]),
        "time": _milliseconds(row["occurred_at"]),
        "severity_id": MEDIUM if failed else INFORMATIONAL,
        "status_id": 2 if failed else 1,
        "metadata": {
            "version": VERSION,
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


def table() -> str:
    """The page's table of types and what each becomes, in Markdown."""
    lines = ["| type | class | activity |", "| --- | --- | --- |"]
    for kind in sorted(AuditType):
        name = kind.ocsf_class.name.replace("_", " ").title()
        number = ACTIVITY.get(kind, OTHER)
        activity = ACTIVITIES[kind.ocsf_class].get(number, "Other")
        lines.append(f"| `{kind}` | {name} ({kind.ocsf_class:d}) | {activity} ({number}) |")
    return "\n".join(lines)


_KINDS = {kind.value: kind for kind in AuditType}
BASE_EVENT = {"class_uid": 0, "category_uid": 0, "activity_id": OTHER, "type_uid": OTHER}


def _classified(event_type: str) -> dict[str, int]:
    """Class, category, activity and type; a type that we do not know is a base event."""
    kind = _KINDS.get(event_type)
    if kind is None:
        return BASE_EVENT
    uid, activity = int(kind.ocsf_class), ACTIVITY.get(kind, OTHER)
    return {
        "class_uid": uid,
        "category_uid": uid // 1000,
        "activity_id": activity,
        "type_uid": uid * 100 + activity,
    }


def _milliseconds(moment: datetime) -> int:
    return round(moment.astimezone(UTC).timestamp() * 1000)
