"""The trail in the words of the Open Cybersecurity Schema Framework: https://schema.ocsf.io/1.6.0"""

import json
from collections.abc import Mapping

from audit.exports.lines import Told, Word, chosen, constant, number, public_id, text, word_or_null
from audit.types import AuditType, OCSFClass, Outcome

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
    AuditType.PASSWORD_CHANGE_REQUIRED: 4,
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
    AuditType.SEARCH_SAVED: 1,
    AuditType.SEARCH_DELETED: 4,
    AuditType.SESSION_ANOMALY: 1,
    AuditType.SECRET_DID_NOT_OPEN: 1,
}


def _by_outcome(*, failure: int, success: int) -> str:
    return f"CASE outcome WHEN '{Outcome.FAILURE}' THEN {failure} ELSE {success} END"


# What each type becomes; one that a newer release wrote is a base event.
CLASSES = {kind.value: int(kind.ocsf_class) for kind in AuditType}
ACTIVITY_IDS = {kind.value: ACTIVITY.get(kind, OTHER) for kind in AuditType}
CATEGORIES = {kind: uid // 1000 for kind, uid in CLASSES.items()}
TYPE_IDS = {kind: uid * 100 + ACTIVITY_IDS[kind] for kind, uid in CLASSES.items()}

# One row as an OCSF event; what has no attribute there is under `unmapped`.
OCSF_EVENT: Mapping[str, Told] = {
    "class_uid": chosen("event_type", CLASSES, 0),
    "category_uid": chosen("event_type", CATEGORIES, 0),
    "activity_id": chosen("event_type", ACTIVITY_IDS, OTHER),
    "type_uid": chosen("event_type", TYPE_IDS, OTHER),
    "time": "round(date_part('epoch', occurred_at) * 1000)::bigint",
    "severity_id": _by_outcome(failure=MEDIUM, success=INFORMATIONAL),
    "status_id": _by_outcome(failure=2, success=1),
    "metadata": {
        "version": constant(json.dumps(VERSION)),
        "uid": Word(public_id("evt")),
        "log_name": constant(json.dumps("audit")),
        "product": {
            "name": constant(json.dumps("Gatehouse")),
            "vendor_name": constant(json.dumps("Gatehouse")),
        },
    },
    "actor": {"user": {"uid": text("actor_id"), "type": Word("actor_type")}},
    "user": {"uid": text("subject_user_id")},
    "session": {"uid": text("session_id")},
    "src_endpoint": {
        "ip": word_or_null("address"),
        "location": {"country": text("country")},
        "autonomous_system": {"number": number("asn")},
    },
    "http_request": {"uid": text("request_id"), "user_agent": text("user_agent")},
    "risk_score": number("risk_score"),
    "unmapped": {
        "event_type": Word("event_type"),
        "client_id": text("client_id"),
        "device_fingerprint": text("device_fingerprint"),
        "risk_signals": "signals",
        "metadata": "details",
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
