"""Does the trail still say what it said? Every chain is walked, and rows outside of all chains are looked for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.utils import timezone

from audit.chain.checkpoints import ToldSpans, signed_spans
from audit.chain.findings import Finding, FindingKind, Findings
from audit.chain.models import AuditVerification
from audit.chain.walk import ChainWalk, Link, start_of
from audit.metrics import VERIFICATION_FAILURES
from audit.months import Month
from audit.services import chaining, partitions
from audit.types import AuditType

log = structlog.get_logger(__name__)

Progress = Callable[[int, int], None]  # rows done, of how many
Place = tuple[UUID, datetime]

# In one snapshot each row is in a chain or waits for its place; one that is neither came in by another way.
OUTSIDE = """
    SELECT e.event_id, e.occurred_at FROM audit_authevent e
      LEFT JOIN audit_chainlink l ON l.event_id = e.event_id AND l.occurred_at = e.occurred_at
      LEFT JOIN audit_unchainedevent u ON u.event_id = e.event_id AND u.occurred_at = e.occurred_at
     WHERE e.occurred_at >= %s AND e.occurred_at < %s AND l.event_id IS NULL AND u.id IS NULL
"""
GONE_WAITING = """
    SELECT u.event_id, u.occurred_at FROM audit_unchainedevent u
      LEFT JOIN audit_authevent e ON e.event_id = u.event_id AND e.occurred_at = u.occurred_at
     WHERE u.occurred_at >= %s AND u.occurred_at < %s AND e.event_id IS NULL
"""
ERASED = "SELECT DISTINCT subject_user_id FROM audit_authevent WHERE event_type = %s AND subject_user_id <> ''"
CHAINS = """
    SELECT day, shard, count(*) FROM audit_chainlink WHERE day >= %s AND day <= %s GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a verification looked at and found. Nothing vouches yet for the rows that are `waiting` for a place."""

    since: date
    until: date
    rows: int
    waiting: int
    findings: Findings
    id: str


def verify(
    *,
    since: date | None = None,
    until: date | None = None,
    progress: Progress = lambda done, total: None,
) -> Verified:
    """Verify the days from `since` to `until`, both included; without them, all that is kept.

    Raises ValueError when they are in the wrong order.
    """
    first = max(since or date.min, _oldest_kept())
    last = until or date.max - timedelta(days=1)
    if first > last:
        raise ValueError("the last day is before the first")
    findings = Findings()
    rows, missing = _walk_all(first, last, findings, progress)
    outside = _places(OUTSIDE, first, last)
    _note_missing(missing, outside, findings)
    for place in _places(GONE_WAITING, first, last):
        _note(FindingKind.REMOVED, "was there and is gone, before it had a place", place, findings)
    return _concluded(first, last, rows, findings, asked=(since, until))


def _walk_all(
    first: date, last: date, findings: Findings, progress: Progress
) -> tuple[int, list[Link]]:
    spans = signed_spans(first, last, findings)
    chains = _chains(first, last)
    for (day, shard), of_chain in spans.items():
        known = chains.get((day, shard), 0)
        chains[day, shard] = max(known, of_chain[-1].span.last)
    total, done = sum(chains.values()), 0
    gone = partitions.without_room({day for day, _ in chains})
    for month, count in _rows_of_months(chains, gone).items():
        findings.add(
            Finding(
                kind=FindingKind.PARTITION_DROPPED,
                detail=f"{month}: {count} rows",
                day=month.start.date(),
            )
        )
    erased, missing = _erased(), []

    def on_batch(number: int) -> None:
        nonlocal done
        done += number
        progress(done, total)

    for day, shard in sorted(chains):
        if day not in gone:
            told = ToldSpans(spans.get((day, shard), []), findings)
            walk = ChainWalk(
                day=day, shard=shard, erased=erased, findings=findings, visit=told.visit
            )
            walk.run(on_batch)
            told.end(walk.position)
            missing += walk.missing
    return done, missing


def _note_missing(missing: list[Link], outside: set[Place], findings: Findings) -> None:
    """A row that is gone from its time and is at another was altered; what is left over on either side is not."""
    elsewhere = dict(outside)
    for link in missing:
        moved_to = elsewhere.pop(link.event_id, None)
        kind = FindingKind.REMOVED if moved_to is None else FindingKind.ALTERED
        detail = "the row is gone" if moved_to is None else f"its time says {moved_to.isoformat()}"
        findings.add(
            Finding(
                kind=kind,
                detail=detail,
                event_id=link.event_id,
                day=link.missed_at.astimezone(UTC).date() if link.missed_at else None,
                position=link.position,
            )
        )
    for place in elsewhere.items():
        _note(FindingKind.INSERTED, "in no chain, and not waiting for a place", place, findings)


def _note(kind: FindingKind, detail: str, place: Place, findings: Findings) -> None:
    event_id, occurred_at = place
    day = occurred_at.astimezone(UTC).date()
    findings.add(Finding(kind=kind, detail=detail, event_id=event_id, day=day))


def _concluded(
    first: date,
    last: date,
    rows: int,
    findings: Findings,
    *,
    asked: tuple[date | None, date | None],
) -> Verified:
    row = AuditVerification.objects.create(
        since=asked[0],
        until=asked[1],
        rows=rows,
        findings=findings.total,
        finished_at=timezone.now(),
    )
    if findings.total:
        log.error(
            "audit_verification_failed", **{kind.value: n for kind, n in findings.counts.items()}
        )
        for kind, number in findings.counts.items():
            VERIFICATION_FAILURES.labels(kind.value).inc(number)
    return Verified(
        since=first,
        until=last,
        rows=rows,
        waiting=chaining.waiting_rows(),
        findings=findings,
        id=row.public_id,
    )


def _oldest_kept() -> date:
    """Before this day rows may have gone with their month, and their links with them."""
    return partitions.oldest_kept().start.date()


def _chains(first: date, last: date) -> dict[tuple[date, int], int]:
    with connection.cursor() as cursor:
        cursor.execute(CHAINS, [first, last])
        return {(day, shard): count for day, shard, count in cursor.fetchall()}


def _rows_of_months(chains: dict[tuple[date, int], int], gone: set[date]) -> dict[Month, int]:
    """How many rows the chains have of the days that are gone, by month."""
    counts: dict[Month, int] = {}
    for (day, _), count in chains.items():
        if day in gone:
            month = Month(day.year, day.month)
            counts[month] = counts.get(month, 0) + count
    return counts


def _erased() -> frozenset[str]:
    with connection.cursor() as cursor:
        cursor.execute(ERASED, [AuditType.ACCOUNT_ERASED])
        return frozenset(user_id for (user_id,) in cursor.fetchall())


def _places(query: str, first: date, last: date) -> set[Place]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(query, [start_of(first), start_of(last + timedelta(days=1))])
        return set(cursor.fetchall())
