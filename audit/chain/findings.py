"""What verification can find: a kind, where, and which event."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from audit.models import AuthEvent
from config.ids import public_id

MOST_NAMED = 1_000  # findings that are told one by one; the rest is counted


class FindingKind(StrEnum):
    ALTERED = "altered"
    REMOVED = "removed"
    INSERTED = "inserted"
    REORDERED = "reordered"
    CHAIN_ALTERED = "chain_altered"
    PARTITION_DROPPED = "partition_dropped"
    REWRITTEN = "rewritten"
    CHECKPOINT_ALTERED = "checkpoint_altered"
    CHECKPOINT_REMOVED = "checkpoint_removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`detail` says it in words; the rest says where."""

    kind: FindingKind
    detail: str
    event_id: UUID | None = None
    day: date | None = None
    shard: int | None = None
    position: int | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value,
            "event_id": public_id(AuthEvent.PREFIX, self.event_id) if self.event_id else None,
            "day": self.day.isoformat() if self.day else None,
            "shard": self.shard,
            "position": self.position,
            "detail": self.detail,
        }


@dataclass(slots=True)
class Findings:
    """All of them counted, the first `MOST_NAMED` named."""

    named: list[Finding] = field(default_factory=list)
    counts: Counter[FindingKind] = field(default_factory=Counter)

    def add(self, finding: Finding) -> None:
        self.counts[finding.kind] += 1
        if len(self.named) < MOST_NAMED:
            self.named.append(finding)

    @property
    def total(self) -> int:
        return self.counts.total()
