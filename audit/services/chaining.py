"""Gives committed rows of the trail their place in a chain, soon after the commit (ADR 0170).

Whoever writes a row waits for nobody: a trigger queues it in the same transaction, and this takes it from there. Killed
anywhere it loses nothing, because the links and the end of the wait are one transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from uuid import UUID

from django.db import connection, transaction

from audit.chain.checkpoint_models import ChainHead
from audit.chain.hashes import (
    PERSONAL_TEXT,
    PUBLIC_TEXT,
    SHARDS,
    commitment,
    first_hash,
    new_salt,
    next_hash,
    row_hash,
)
from audit.chain.models import ChainLink, UnchainedEvent
from audit.services.counting import count
from config.bulk import columns_of, copy_rows
from config.locking import alone, alone_at_once

LOCK = "audit.chain"  # a shard of it
BATCH = 2_000
LINK_COLUMNS = columns_of(ChainLink)

# A row that is queued and no longer there stays queued: it was removed, and verification says so.
WAITING = f"""
    SELECT u.id, e.event_id, e.occurred_at, {PUBLIC_TEXT}, {PERSONAL_TEXT}, e.event_type, e.outcome,
           l.event_id IS NOT NULL
      FROM audit_unchainedevent u
      JOIN audit_authevent e ON e.event_id = u.event_id AND e.occurred_at = u.occurred_at
      LEFT JOIN audit_chainlink l ON l.event_id = u.event_id
     WHERE u.shard = %s ORDER BY u.id LIMIT %s
"""  # noqa: S608 - expressions of ours


@dataclass(frozen=True, slots=True)
class Waiting:
    number: int
    event_id: UUID
    occurred_at: datetime
    public: str
    personal: str
    event_type: str
    outcome: str
    linked: bool

    @property
    def day(self) -> date:
        return self.occurred_at.astimezone(UTC).date()


def chain_waiting(*, batch_size: int = BATCH) -> int:
    """Chain all rows that wait now; returns how many. A shard that somebody else has in hand is left to them."""
    total = 0
    for shard in range(SHARDS):
        while done := chain_batch(shard=shard, limit=batch_size):
            total += done
    return total


def chain_batch(*, shard: int, limit: int) -> int:
    """Chain up to `limit` rows of `shard`, in one transaction; returns how many."""
    with transaction.atomic():
        if not alone_at_once(LOCK, str(shard)):
            return 0
        rows = _waiting(shard, limit)
        new = {row.event_id: row for row in rows if not row.linked}  # some are queued twice
        by_day = sorted(new.values(), key=lambda row: row.day)
        for day, of_day in groupby(by_day, key=lambda row: row.day):
            _lengthen(day, shard, of_day)
        count(shard, ((row.day, row.event_type, row.outcome) for row in by_day))
        UnchainedEvent.objects.filter(id__in=[row.number for row in rows]).delete()
        return len(rows)


def waiting_rows() -> int:
    """How many rows have no place yet."""
    return UnchainedEvent.objects.count()


def hold_still() -> None:
    """Nothing is chained until the transaction ends: for those who change what is about to be hashed."""
    for shard in range(SHARDS):
        alone(LOCK, str(shard))


def _waiting(shard: int, limit: int) -> list[Waiting]:
    with connection.cursor() as cursor:
        # Rows are found one by one, in the order of an index: a queue's statistics are never right, and the planner
        # would read the whole trail, or sort all that waits for each batch.
        for habit in ("hashjoin", "mergejoin", "sort", "seqscan"):
            cursor.execute(f"SET LOCAL enable_{habit} = off")
        cursor.execute(WAITING, [shard, limit])
        return [Waiting(*row) for row in cursor.fetchall()]


def _lengthen(day: date, shard: int, rows: Iterable[Waiting]) -> None:
    head = ChainHead.objects.filter(day=day, shard=shard).first() or ChainHead(
        day=day, shard=shard, position=0, chain_hash=first_hash(day, shard)
    )
    links = _links(head, rows)
    copy_rows(ChainLink, ([getattr(link, name) for name in LINK_COLUMNS] for link in links))
    head.position, head.chain_hash = links[-1].position, links[-1].chain_hash
    if head.pk:  # how far it is told of, checkpoints say
        head.save(update_fields=["position", "chain_hash"])
    else:
        head.save()


def _links(head: ChainHead, rows: Iterable[Waiting]) -> list[ChainLink]:
    position, previous = head.position, bytes(head.chain_hash)
    links = []
    for row in rows:
        salt = new_salt()
        committed = commitment(salt, row.personal)
        hashed = row_hash(row.public, committed)
        position, previous = position + 1, next_hash(previous, hashed)
        links.append(
            ChainLink(
                event_id=row.event_id,
                occurred_at=row.occurred_at,
                day=head.day,
                shard=head.shard,
                position=position,
                salt=salt,
                commitment=committed,
                row_hash=hashed,
                chain_hash=previous,
            )
        )
    return links
