"""What happens to second factors."""

from dataclasses import dataclass
from typing import Literal

from events.domain import DomainEvent

Method = Literal["totp", "passkey", "backup_code"]
Refusal = Literal["wrong", "replayed", "throttled", "no_factor", "cloned"]


@dataclass(frozen=True, kw_only=True)
class PersonEvent(DomainEvent):
    """Base of this app's events: each is about one person."""

    aggregate_type = "user"

    user_id: str

    @property
    def aggregate_id(self) -> str:
        return self.user_id

    @property
    def subject_user_id(self) -> str:
        return self.user_id


@dataclass(frozen=True, kw_only=True)
class FactorEvent(PersonEvent):
    """Base of what happens to one kind of factor."""

    method: Method


@dataclass(frozen=True, kw_only=True)
class MfaEnabled(FactorEvent):
    """A person has one factor more from now on, and proved it in the session of the request in hand. `amr` is what the
    proof is called (RFC 8176).
    """

    event_type = "user.mfa.enabled"
    version = 2
    channel = "mfa.enabled"
    audit_type = "account.mfa.enrolled"

    amr: tuple[str, ...]

    @property
    def touches(self) -> tuple[str, ...]:
        return (f"user:{self.user_id}",)


@dataclass(frozen=True, kw_only=True)
class MfaDisabled(PersonEvent):
    """Factors of a person are gone, of these kinds. With the last of them (`factors_left` is 0) go the backup codes."""

    event_type = "user.mfa.disabled"
    version = 2
    channel = "mfa.disabled"
    audit_type = "account.mfa.removed"

    methods: tuple[Method, ...]
    factors_left: int

    @property
    def touches(self) -> tuple[str, ...]:
        return (f"user:{self.user_id}",)


@dataclass(frozen=True, kw_only=True)
class FactorsReset(MfaDisabled):
    """Two members of the staff took every factor away. The same to receivers outside; inside, sessions end with it."""


@dataclass(frozen=True, kw_only=True)
class BackupCodesReplaced(FactorEvent):
    """New backup codes; the former ones are dead."""

    audit_type = "account.mfa.enrolled"


@dataclass(frozen=True, kw_only=True)
class PasskeyRenamed(FactorEvent):
    """The person calls a passkey by another name."""

    audit_type = "account.updated"

    passkey_id: str


@dataclass(frozen=True, kw_only=True)
class PasskeyCloned(FactorEvent):
    """A passkey signed with a count that is not above the last: it exists twice, and is blocked from now on. The trail
    has the refused proof; whoever knows the person's sessions tells of it.
    """

    passkey_id: str


@dataclass(frozen=True, kw_only=True)
class MfaPassed(FactorEvent):
    """A second factor was proved."""

    audit_type = "auth.mfa.passed"


@dataclass(frozen=True, kw_only=True)
class MfaFailed(FactorEvent):
    """A second factor was not proved. `replayed` is right and was used before: somebody may have seen it. `cloned`
    is a passkey that exists twice, and is never accepted again.
    """

    audit_type = "auth.mfa.failed"
    outcome = "failure"

    reason: Refusal


@dataclass(frozen=True, kw_only=True)
class ResetEvent(PersonEvent):
    """Base of what happens to a request to take somebody's factors away. People are public ids."""

    reset_id: str
    requested_by: str


@dataclass(frozen=True, kw_only=True)
class ResetRequested(ResetEvent):
    """It waits for another member of the staff."""

    audit_type = "account.mfa.reset_requested"

    reason: str


@dataclass(frozen=True, kw_only=True)
class ResetApproved(ResetEvent):
    """The factors are gone."""

    audit_type = "account.mfa.reset_approved"

    approved_by: str


@dataclass(frozen=True, kw_only=True)
class ResetCancelled(ResetEvent):
    """Somebody took it back, or nobody approved it in time; `cancelled_by` is empty then."""

    audit_type = "account.mfa.reset_cancelled"
    outcome = "failure"

    cancelled_by: str
