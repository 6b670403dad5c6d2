"""What the engine answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Reason(StrEnum):
    """Why a question was decided so."""

    POLICY = "policy"
    """The policy that is named matched."""
    UNKNOWN = "unknown"
    """The deny policy that is named could not be ruled out: an attribute is missing or of another type."""
    NO_POLICY = "no_policy"
    """No policy matched, so it is denied."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`policy` is the name of the policy that decided, "" when none did."""

    allowed: bool
    reason: Reason
    policy: str
    obligations: Mapping[str, Any] = field(default_factory=dict)


NO_POLICY = Verdict(allowed=False, reason=Reason.NO_POLICY, policy="")
