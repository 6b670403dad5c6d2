"""A decision as it waits to be written down."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """The question, what was known of it, and the answer. What was too large to be held is None; of the properties of
    the action only the names are."""

    subject: str
    action: str
    resource: str
    context: Mapping[str, Any] | None
    subject_attributes: Mapping[str, Any] | None
    resource_attributes: Mapping[str, Any] | None
    action_properties: tuple[str, ...] = ()
    allowed: bool
    reason: str
    policy: str
    policy_version: int | None
    fingerprint: str
    source: str
    request_id: str
    decided_at: datetime
