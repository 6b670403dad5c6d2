"""A decision as it waits to be written down."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """The question, what was known of it, and the answer. `context` is None when it was too large to be held."""

    subject: str
    action: str
    resource: str
    context: Mapping[str, Any] | None
    subject_attributes: Mapping[str, Any]
    resource_attributes: Mapping[str, Any]
    allowed: bool
    reason: str
    policy: str
    policy_version: int | None
    fingerprint: str
    source: str
    request_id: str
    decided_at: datetime
