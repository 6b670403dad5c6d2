"""What the trail tells of by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from audit.types import AuditType
from events.domain import DomainEvent, Outcome


@dataclass(frozen=True, kw_only=True)
class SecretDidNotOpen(DomainEvent):
    """A sealed value was altered, moved, or is none. `place` names table, column and row, and `reason` what is wrong
    with it. Stays inside: whoever listens could only guess at it.
    """

    audit_type: ClassVar[str] = "vault.open_failed"
    aggregate_type: ClassVar[str] = "vault"
    outcome: ClassVar[Outcome] = "failure"

    place: str
    reason: str

    @property
    def aggregate_id(self) -> str:
        return self.place


@dataclass(frozen=True, kw_only=True)
class CheckpointSigned(DomainEvent):
    """A checkpoint, whole, so that whoever keeps it elsewhere can hold us to it."""

    event_type = "audit.checkpoint.signed"
    channel: ClassVar[str] = "platform.audit_checkpoint"
    aggregate_type: ClassVar[str] = "audit"

    checkpoint_id: str
    number: int
    kid: str
    statement: str
    signature: str

    @property
    def aggregate_id(self) -> str:
        return self.checkpoint_id


@dataclass(frozen=True, kw_only=True)
class TrailExported(DomainEvent):
    """Somebody had rows of the trail written into a file, or fetched it; stays inside."""

    audit_type = AuditType.TRAIL_EXPORTED.value

    step: Literal["requested", "downloaded", "written"]
    format: str
    filter: Mapping[str, Any] = field(default_factory=dict)
    rows: int = 0
    export_id: str = ""


@dataclass(frozen=True, kw_only=True)
class ConsoleViewed(DomainEvent):
    """One of the staff looked at `object_id` on a page of the console; `user_id` is the person whom it tells of. Stays
    inside.
    """

    audit_type = AuditType.CONSOLE_VIEWED.value
    aggregate_type: ClassVar[str] = "console"

    page: str
    object_id: str
    user_id: str = ""

    @property
    def aggregate_id(self) -> str:
        return self.object_id

    @property
    def subject_user_id(self) -> str:
        return self.user_id

    def audit_metadata(self) -> dict[str, Any]:
        return {"page": self.page, "object_id": self.object_id}


@dataclass(frozen=True, kw_only=True)
class SavedSearchEvent(DomainEvent):
    """Base of what happens to the searches that staff keep; stays inside. What was searched for is not told."""

    aggregate_type: ClassVar[str] = "saved_search"

    search_id: str
    name: str
    page: str
    shared_with: str

    @property
    def aggregate_id(self) -> str:
        return self.search_id


@dataclass(frozen=True, kw_only=True)
class SearchSaved(SavedSearchEvent):
    audit_type = AuditType.SEARCH_SAVED.value


@dataclass(frozen=True, kw_only=True)
class SearchDeleted(SavedSearchEvent):
    audit_type = AuditType.SEARCH_DELETED.value


@dataclass(frozen=True, kw_only=True)
class JobRunByHand(DomainEvent):
    """One of the staff had an entry of the schedule run before its time; stays inside."""

    audit_type = AuditType.JOB_RUN_BY_HAND.value
    aggregate_type: ClassVar[str] = "schedule"

    job: str

    @property
    def aggregate_id(self) -> str:
        return self.job
