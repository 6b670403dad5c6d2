"""What a draft would have changed among the decisions that were recorded.

Each is decided twice from its recorded snapshot: by the policies in force, and by those with the draft among them. So
what the draft changes is told apart from what has changed since.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from authz.models import DecisionRecord
from authz.services import drafted
from authz.services.replays import Replay

MOST_SUBJECTS = 50
MOST_EXAMPLES = 3
CHUNK = 500

Rows = QuerySet[DecisionRecord]


@dataclass(frozen=True, slots=True)
class Change:
    """A recorded decision that would be another one."""

    record: DecisionRecord
    before: str
    after: str
    allowed_after: bool


@dataclass(slots=True)
class SubjectChanges:
    """The changes for one subject, with the newest as examples."""

    subject: str
    allow_to_deny: int = 0
    deny_to_allow: int = 0
    examples: list[Change] = field(default_factory=list)

    def add(self, change: Change) -> None:
        if change.allowed_after:
            self.deny_to_allow += 1
        else:
            self.allow_to_deny += 1
        if len(self.examples) < MOST_EXAMPLES:
            self.examples.append(change)


@dataclass(slots=True)
class DryRun:
    """`allows_recorded` is the share of allows among which it looks. `replayed` records were decided again;
    `complete` when those are all of the window.

    `already_different` of them are decided otherwise by the policies in force than when they were recorded.
    `not_replayed` lack an attribute that a policy looks at, because it was secret or too large to be recorded.
    """

    allows_recorded: float
    replayed: int = 0
    not_replayed: int = 0
    already_different: int = 0
    complete: bool = True
    oldest: datetime | None = None
    by_subject: dict[str, SubjectChanges] = field(default_factory=dict)

    @property
    def allow_to_deny(self) -> int:
        return sum(one.allow_to_deny for one in self.by_subject.values())

    @property
    def deny_to_allow(self) -> int:
        return sum(one.deny_to_allow for one in self.by_subject.values())

    @property
    def subjects(self) -> list[SubjectChanges]:
        """Those with the most changes first; the first fifty."""
        ordered = sorted(
            self.by_subject.values(),
            key=lambda one: (-one.allow_to_deny - one.deny_to_allow, one.subject),
        )
        return ordered[:MOST_SUBJECTS]


def dry_run(
    *,
    document: Any = None,
    policy_id: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> DryRun:
    """Try `document` as a new policy or, with `policy_id`, in the place of that one; without it, the removal of that
    one. Replays the newest records of the window first, up to `decision_replay_limit` and `decision_replay_time`.

    Raises InvalidRequestError, InvalidPolicyError, PolicyNotFoundError, PolicyNameTakenError, PolicySetBrokenError.
    """
    replay = Replay(*drafted.now_and_then(document=document, policy_id=policy_id))
    environment = settings.ENVIRONMENT
    rows = DecisionRecord.objects.order_by("-decided_at")
    rows = rows.since(since) if since else rows
    rows = rows.until(until) if until else rows
    found = DryRun(environment.decision_record_allows)
    end = time.monotonic() + environment.decision_replay_time
    for _ in walk(replay, rows, found, limit=environment.decision_replay_limit):
        if time.monotonic() > end:
            found.complete = False
            break
    return found


def walk(replay: Replay, rows: Rows, found: DryRun, *, limit: int) -> Iterator[int]:
    """Replay the first `limit` of `rows` into `found`, and yield after each how many that were. Whoever stops before
    the end says that `found` is not `complete`.
    """
    for number, record in enumerate(rows.iterator(chunk_size=CHUNK)):
        if number >= limit:
            found.complete = False
            return
        found.oldest = record.decided_at
        _replay_one(replay, record, found)
        yield number + 1


def _replay_one(replay: Replay, record: DecisionRecord, found: DryRun) -> None:
    verdicts = replay.decide(record)
    if verdicts is None:
        found.not_replayed += 1
        return
    found.replayed += 1
    now, then = verdicts
    found.already_different += now.allowed is not record.allowed
    if now.allowed is not then.allowed:
        group = found.by_subject.setdefault(record.subject, SubjectChanges(record.subject))
        group.add(Change(record, now.policy, then.policy, then.allowed))
