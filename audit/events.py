"""What the trail tells of by itself."""

from dataclasses import dataclass
from typing import ClassVar

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
