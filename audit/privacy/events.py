"""What the trail is told of people's rights to their data. None of it leaves the service."""

from dataclasses import dataclass
from typing import ClassVar

from events.domain import DomainEvent


@dataclass(frozen=True, kw_only=True)
class PrivacyEvent(DomainEvent):
    """Base of them. `user_id` is whose data it is about."""

    aggregate_type: ClassVar[str] = "user"

    user_id: str

    @property
    def aggregate_id(self) -> str:
        return self.user_id

    @property
    def subject_user_id(self) -> str:
        return self.user_id


@dataclass(frozen=True, kw_only=True)
class RequestMade(PrivacyEvent):
    """Somebody asked for an archive or an erasure; `reason` is that of staff."""

    audit_type = "privacy.requested"

    request_id: str
    kind: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ArchiveReady(PrivacyEvent):
    """The archive can be fetched from now on."""

    audit_type = "privacy.exported"

    request_id: str


@dataclass(frozen=True, kw_only=True)
class ArchiveFetched(PrivacyEvent):
    """Somebody has fetched the archive."""

    audit_type = "privacy.fetched"

    request_id: str


@dataclass(frozen=True, kw_only=True)
class HoldPlaced(PrivacyEvent):
    """Nothing of the person may be erased from now on."""

    audit_type = "privacy.hold.placed"

    hold_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class HoldLifted(PrivacyEvent):
    """The hold is lifted."""

    audit_type = "privacy.hold.lifted"

    hold_id: str
    reason: str
