"""What happens to second factors."""

from dataclasses import dataclass
from typing import Literal

from events.domain import DomainEvent

Method = Literal["totp", "backup_code"]
Refusal = Literal["wrong", "replayed", "throttled", "no_factor"]


@dataclass(frozen=True, kw_only=True)
class FactorEvent(DomainEvent):
    """Base of this app's events: one person, one kind of factor."""

    aggregate_type = "user"

    user_id: str
    method: Method

    @property
    def aggregate_id(self) -> str:
        return self.user_id

    @property
    def subject_user_id(self) -> str:
        return self.user_id


@dataclass(frozen=True, kw_only=True)
class MfaEnabled(FactorEvent):
    """A person has a second factor from now on, and proved it in the session of the request in hand."""

    event_type = "user.mfa.enabled"
    channel = "mfa.enabled"
    audit_type = "account.mfa.enrolled"

    @property
    def touches(self) -> tuple[str, ...]:
        return (f"user:{self.user_id}",)


@dataclass(frozen=True, kw_only=True)
class MfaDisabled(FactorEvent):
    """A person's second factor is gone, and its backup codes with it."""

    event_type = "user.mfa.disabled"
    channel = "mfa.disabled"
    audit_type = "account.mfa.removed"

    @property
    def touches(self) -> tuple[str, ...]:
        return (f"user:{self.user_id}",)


@dataclass(frozen=True, kw_only=True)
class BackupCodesReplaced(FactorEvent):
    """New backup codes; the former ones are dead."""

    audit_type = "account.mfa.enrolled"


@dataclass(frozen=True, kw_only=True)
class MfaPassed(FactorEvent):
    """A second factor was proved."""

    audit_type = "auth.mfa.passed"


@dataclass(frozen=True, kw_only=True)
class MfaFailed(FactorEvent):
    """A second factor was not proved. `replayed` is a right code that was used before: somebody may have seen it."""

    audit_type = "auth.mfa.failed"
    outcome = "failure"

    reason: Refusal
