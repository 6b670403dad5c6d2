"""What happens to trading accounts and to those who share them."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from authz.events import PermissionUpdated
from events.domain import DomainEvent, Outcome

SnapshotPart = Literal["name", "email", "exchanges", "products", "order_types", "margins"]
EndReason = Literal["revoked", "left", "expired", "declined", "unlinked"]
OwnershipOfferEndReason = Literal["declined", "withdrawn", "expired", "overtaken"]


@dataclass(frozen=True, kw_only=True)
class AccountEvent(DomainEvent):
    """Something happened to one account; all events of an account stay in order.

    Where `changes_attributes` is false, nothing that policies may ask of the account is different now.
    """

    aggregate_type: ClassVar[str] = "trading_account"
    changes_attributes: ClassVar[bool] = True

    trading_account_id: str
    owner_id: str

    @property
    def aggregate_id(self) -> str:
        return self.trading_account_id

    @property
    def subject_user_id(self) -> str:
        return self.owner_id

    @property
    def touches(self) -> tuple[str, ...]:
        return (f"trading_account:{self.trading_account_id}",) if self.changes_attributes else ()


@dataclass(frozen=True, kw_only=True)
class LinkBegun(AccountEvent):
    """Credentials were stored, not proven yet. Stays inside: the platform has no account to speak of before a login."""

    audit_type: ClassVar[str] = "trading.account.link_begun"

    broker: str


@dataclass(frozen=True, kw_only=True)
class AccountLinked(AccountEvent):
    """The first login succeeded."""

    event_type: ClassVar[str] = "trading_account.linked"
    audit_type: ClassVar[str] = "trading.account.linked"

    broker: str
    reauth_by: datetime


@dataclass(frozen=True, kw_only=True)
class AccountLoggedIn(AccountEvent):
    """A later login succeeded; the account is active for another day."""

    event_type: ClassVar[str] = "trading_account.logged_in"
    audit_type: ClassVar[str] = "trading.account.logged_in"

    reauth_by: datetime


@dataclass(frozen=True, kw_only=True)
class ReauthRequired(AccountEvent):
    """The day's login is over: nobody trades until the owner has logged in at the broker again."""

    event_type: ClassVar[str] = "trading_account.reauth_required"
    audit_type: ClassVar[str] = "trading.account.reauth_required"

    reason: Literal["expired", "refused"]


@dataclass(frozen=True, kw_only=True)
class ProfileSynced(AccountEvent):
    """The broker told something else than before at `synced_at`: `changed` says what of it. A sync that brought the
    same is no event. Routine, so the trail has no row for it."""

    event_type: ClassVar[str] = "trading_account.profile.synced"
    version: ClassVar[int] = 2
    changes_attributes: ClassVar[bool] = False

    synced_at: datetime
    changed: tuple[SnapshotPart, ...]


@dataclass(frozen=True, kw_only=True)
class AccountDegraded(AccountEvent):
    """The broker did not answer a sync, in any of its tries. The account may still be used."""

    event_type: ClassVar[str] = "trading_account.degraded"
    audit_type: ClassVar[str] = "trading.account.degraded"
    outcome: ClassVar[Outcome] = "failure"

    reason: Literal["unavailable", "throttled"]


@dataclass(frozen=True, kw_only=True)
class AccountRecovered(AccountEvent):
    """The broker answers again for an account that was degraded."""

    event_type: ClassVar[str] = "trading_account.recovered"
    audit_type: ClassVar[str] = "trading.account.recovered"


@dataclass(frozen=True, kw_only=True)
class SyncRequested(AccountEvent):
    """Somebody asked for a sync now."""

    audit_type: ClassVar[str] = "trading.account.sync_requested"
    changes_attributes: ClassVar[bool] = False

    job_id: str


@dataclass(frozen=True, kw_only=True)
class BulkSyncRequested(DomainEvent):
    """Somebody asked for a sync of every account; `joined` when that was under way already."""

    aggregate_type: ClassVar[str] = "job"
    audit_type: ClassVar[str] = "trading.accounts.sync_requested"

    job_id: str
    joined: bool

    @property
    def aggregate_id(self) -> str:
        return self.job_id


@dataclass(frozen=True, kw_only=True)
class RotationBegun(AccountEvent):
    """New credentials were stored; the old ones serve until a login has proven the new."""

    audit_type: ClassVar[str] = "trading.account.rotation_begun"
    changes_attributes: ClassVar[bool] = False

    credential_version: int


@dataclass(frozen=True, kw_only=True)
class RotationCancelled(AccountEvent):
    """New credentials were dropped before a login had proven them; the old ones go on."""

    audit_type: ClassVar[str] = "trading.account.rotation_cancelled"
    changes_attributes: ClassVar[bool] = False

    credential_version: int


@dataclass(frozen=True, kw_only=True)
class CredentialsRotated(AccountEvent):
    """A login has proven new credentials, and the old ones are forgotten."""

    event_type: ClassVar[str] = "trading_account.credentials.rotated"
    audit_type: ClassVar[str] = "trading.account.rotated"

    credential_version: int
    reauth_by: datetime


@dataclass(frozen=True, kw_only=True)
class CredentialsInvalid(AccountEvent):
    """The broker refused to log anyone in with these credentials."""

    event_type: ClassVar[str] = "trading_account.credentials.invalid"
    audit_type: ClassVar[str] = "trading.account.credentials_invalid"
    outcome: ClassVar[Outcome] = "failure"

    credential_version: int


@dataclass(frozen=True, kw_only=True)
class AccountRenamed(AccountEvent):
    """The owner calls it something else."""

    audit_type: ClassVar[str] = "trading.account.updated"
    changes_attributes: ClassVar[bool] = False


@dataclass(frozen=True, kw_only=True)
class AccountSuspended(AccountEvent):
    """Staff have stopped all use of the account."""

    audit_type: ClassVar[str] = "trading.account.suspended"

    reason: str


@dataclass(frozen=True, kw_only=True)
class AccountReactivated(AccountEvent):
    """Staff have given it back; it wants a login first."""

    audit_type: ClassVar[str] = "trading.account.reactivated"

    reason: str


@dataclass(frozen=True, kw_only=True)
class AccountDisconnecting(AccountEvent):
    """Unlinking has begun: from here on every decision about the account is no."""


@dataclass(frozen=True, kw_only=True)
class AccountUnlinked(AccountEvent):
    """The broker session is over and the data key destroyed."""

    event_type: ClassVar[str] = "trading_account.unlinked"
    audit_type: ClassVar[str] = "trading.account.unlinked"

    broker: str


@dataclass(frozen=True, kw_only=True)
class CredentialsRead(AccountEvent):
    """A service got the plaintext credentials. Written and committed before it gets them."""

    audit_type: ClassVar[str] = "trading.credentials.read"
    changes_attributes: ClassVar[bool] = False

    client_id: str
    credential_version: int


@dataclass(frozen=True, kw_only=True)
class CredentialsReadRefused(AccountEvent):
    """A service that may read credentials asked for those of an account that is not active, or whose owner is not."""

    audit_type: ClassVar[str] = "trading.credentials.read"
    outcome: ClassVar[Outcome] = "failure"
    changes_attributes: ClassVar[bool] = False

    client_id: str
    account_status: str


@dataclass(frozen=True, kw_only=True)
class MembershipEvent(AccountEvent):
    """Something happened to a membership. `user_id` is the member's, and empty until somebody has accepted."""

    membership_id: str
    user_id: str
    permissions: tuple[str, ...]

    @property
    def subject_user_id(self) -> str:
        return self.user_id or self.owner_id

    @property
    def touches(self) -> tuple[str, ...]:
        return (*super().touches, f"user:{self.user_id}") if self.user_id else ()


@dataclass(frozen=True, kw_only=True)
class MembershipInvited(MembershipEvent):
    """An address was invited. The address itself stays inside."""

    event_type: ClassVar[str] = "trading_account.membership.invited"
    channel: ClassVar[str] = "trading_account.membership_invited"
    audit_type: ClassVar[str] = "trading.membership.invited"


@dataclass(frozen=True, kw_only=True)
class MembershipGranted(MembershipEvent):
    """The invitee has accepted and holds the permissions from now on."""

    event_type: ClassVar[str] = "trading_account.membership.granted"
    channel: ClassVar[str] = "trading_account.membership_granted"
    audit_type: ClassVar[str] = "trading.membership.granted"

    expires_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class MembershipUpdated(MembershipEvent):
    """Other permissions, or another end."""

    event_type: ClassVar[str] = "trading_account.membership.updated"
    channel: ClassVar[str] = "trading_account.membership_updated"
    audit_type: ClassVar[str] = "trading.membership.updated"

    expires_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class MembershipRevoked(MembershipEvent):
    """The membership, or the invitation to it, has ended."""

    event_type: ClassVar[str] = "trading_account.membership.revoked"
    channel: ClassVar[str] = "trading_account.membership_revoked"
    audit_type: ClassVar[str] = "trading.membership.revoked"

    reason: EndReason


@dataclass(frozen=True, kw_only=True)
class InvitationResent(MembershipEvent):
    """An open invitation was mailed again, and is good for its whole time again."""

    audit_type: ClassVar[str] = "trading.membership.invitation_resent"
    changes_attributes: ClassVar[bool] = False


@dataclass(frozen=True, kw_only=True)
class OwnershipEvent(AccountEvent):
    """Something happened to an offer of the account to `receiver_id`, one of its members."""

    changes_attributes: ClassVar[bool] = False

    transfer_id: str
    receiver_id: str


@dataclass(frozen=True, kw_only=True)
class OwnershipOffered(OwnershipEvent):
    """The owner has offered the account to a member, and would keep the permissions that are named. Nothing has
    changed yet."""

    event_type: ClassVar[str] = "trading_account.ownership.offered"
    channel: ClassVar[str] = "trading_account.ownership_offered"
    audit_type: ClassVar[str] = "trading.ownership.offered"

    keeps: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class OwnershipOfferEnded(OwnershipEvent):
    """The offer is over and the account stays whose it was: it was declined or taken back, nobody answered in time, or
    the receiver is no member any more (`overtaken`)."""

    event_type: ClassVar[str] = "trading_account.ownership.offer_ended"
    channel: ClassVar[str] = "trading_account.ownership_offer_ended"
    audit_type: ClassVar[str] = "trading.ownership.offer_ended"

    reason: OwnershipOfferEndReason


@dataclass(frozen=True, kw_only=True)
class OwnershipTransferred(OwnershipEvent):
    """The receiver has accepted and is the owner from now on. The former owner holds what `keeps` names. Nobody trades
    until the new owner has logged in at the broker.
    """

    event_type: ClassVar[str] = "trading_account.ownership.transferred"
    channel: ClassVar[str] = "trading_account.ownership_transferred"
    audit_type: ClassVar[str] = "trading.ownership.transferred"
    changes_attributes: ClassVar[bool] = True

    former_owner_id: str
    keeps: tuple[str, ...]

    @property
    def subject_user_id(self) -> str:
        """It is in the activity of whoever gave the account away; who took it did it themself."""
        return self.former_owner_id

    @property
    def touches(self) -> tuple[str, ...]:
        people = (f"user:{self.owner_id}", f"user:{self.former_owner_id}")
        return (*super().touches, *people)


@dataclass(frozen=True, kw_only=True)
class MembershipPermissionUpdated(PermissionUpdated):
    """What a membership's own event says, for those who listen for permissions alone."""

    aggregate_type: ClassVar[str] = "user"

    @property
    def aggregate_id(self) -> str:
        return self.user_id

    @property
    def subject_user_id(self) -> str:
        return self.user_id
