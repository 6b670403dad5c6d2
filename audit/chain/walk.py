"""From the first row of a chain to its last: what was altered, removed or moved on the way."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from audit.chain.findings import Finding, FindingKind, Findings
from audit.chain.hashes import (
    FORGOTTEN_TEXT,
    PERSONAL_TEXT,
    PUBLIC_TEXT,
    commitment,
    first_hash,
    next_hash,
    row_hash,
)

BATCH = 10_000
MOST_BREAKS = (
    200  # in one chain; more are told as they are, without working out which row was where
)

LINKS = f"""
    SELECT l.position, l.event_id, CASE WHEN e.event_id IS NULL THEN l.occurred_at END, l.salt, l.commitment,
           l.row_hash, l.chain_hash, e.event_id IS NOT NULL, {PUBLIC_TEXT}, {PERSONAL_TEXT},
           e.subject_user_id, e.actor_id
      FROM audit_chainlink l
      LEFT JOIN audit_authevent e
        ON e.event_id = l.event_id AND e.occurred_at = l.occurred_at AND e.occurred_at >= %s AND e.occurred_at < %s
     WHERE l.day = %s AND l.shard = %s AND l.position > %s ORDER BY l.position LIMIT %s
"""  # noqa: S608 - expressions of ours


class Link(NamedTuple):
    position: int
    event_id: UUID
    missed_at: datetime | None  # when it happened, where the row is gone
    salt: bytes | None
    commitment: bytes
    row_hash: bytes
    chain_hash: bytes
    present: bool
    public: str
    personal: str
    subject: str
    actor: str


@dataclass(slots=True)
class ChainWalk:
    """One chain. `erased` are the public ids of people whose rows may be blank; `visit` sees each link."""

    day: date
    shard: int
    erased: frozenset[str]
    findings: Findings
    visit: Callable[[Link], None] | None = None
    missing: list[Link] = field(default_factory=list)
    rows: int = 0
    position: int = 0  # of the last link
    _breaks: list[Link] = field(default_factory=list)
    _hashes: list[tuple[int, bytes]] = field(default_factory=list)  # around breaks, by position

    def run(self, progress: Callable[[int], None]) -> None:
        """Look at every link and its row. Rows that are not there are left in `missing`."""
        position, previous = 0, first_hash(self.day, self.shard)
        for batch in links_of(self.day, self.shard):
            for link in batch:
                gap = link.position - position - 1
                if gap:
                    self._note_gap(position + 1, gap)
                elif next_hash(previous, link.row_hash) != link.chain_hash:
                    self._note_break(link, position, previous)
                self._check_row(link)
                if self.visit:
                    self.visit(link)
                position, previous = link.position, link.chain_hash
            self.rows, self.position = self.rows + len(batch), position
            progress(len(batch))
        self._explain_breaks()

    def _check_row(self, link: Link) -> None:
        if not link.present:
            self.missing.append(link)
        elif row_hash(link.public, link.commitment) != link.row_hash:
            self._add(FindingKind.ALTERED, "a field of the row, or its hash in the chain", link)
        elif link.salt is not None:
            if commitment(link.salt, link.personal) != link.commitment:
                self._add(FindingKind.ALTERED, "where it came from, or its details", link)
        elif link.personal != FORGOTTEN_TEXT:
            self._add(FindingKind.ALTERED, "its salt is gone and its personal fields are not", link)
        elif self.erased.isdisjoint((link.subject, link.actor)):
            self._add(FindingKind.ALTERED, "blanked although nobody was erased", link)

    def _note_gap(self, first: int, length: int) -> None:
        for position in range(first, first + length):
            self.findings.add(
                Finding(
                    kind=FindingKind.REMOVED,
                    detail="a place of the chain, with what it said of its row",
                    day=self.day,
                    shard=self.shard,
                    position=position,
                )
            )

    def _note_break(self, link: Link, position: int, previous: bytes) -> None:
        """Keep what links may turn out to go on from: the hash before, this one's, and what this one's should be."""
        should_be = next_hash(previous, link.row_hash)
        self._hashes += [
            (position, previous),
            (link.position, link.chain_hash),
            (link.position, should_be),
        ]
        self._breaks.append(link)

    def _explain_breaks(self) -> None:
        """A link that goes on from another than the one before it was moved; one that goes on from none was altered."""
        if len(self._breaks) > MOST_BREAKS:
            for link in self._breaks:
                self._add(
                    FindingKind.CHAIN_ALTERED, "does not go on from the place before it", link
                )
            return
        true_place = self._true_places()
        for link in self._breaks:
            place = true_place.get(link.position)
            if place is None:
                self._add(FindingKind.CHAIN_ALTERED, "its place in the chain was altered", link)
            elif place != link.position:
                self._add(FindingKind.REORDERED, f"belongs at position {place}", link)

    def _true_places(self) -> dict[int, int]:
        """Of each broken link, by the position where it is: the one where its hash says that it was made."""
        follows = {
            link.position: before
            for link in self._breaks
            for before, chain_hash in self._hashes
            if next_hash(chain_hash, link.row_hash) == link.chain_hash
        }
        places: dict[int, int] = {}
        for link in self._breaks:
            steps, at = 0, link.position
            while at in follows and steps <= len(follows):
                at, steps = follows[at], steps + 1
            if steps:
                places[link.position] = at + steps
        return places

    def _add(self, kind: FindingKind, detail: str, link: Link) -> None:
        self.findings.add(
            Finding(
                kind=kind,
                detail=detail,
                event_id=link.event_id,
                day=self.day,
                shard=self.shard,
                position=link.position,
            )
        )


def links_of(day: date, shard: int, *, batch_size: int = BATCH) -> Iterator[list[Link]]:
    """The links of a chain with their rows, in order, a batch at a time and each batch in a transaction of its own."""
    begin, position = start_of(day), 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            # Rows are found one by one: without statistics of a fresh day the planner would read all of it each time.
            cursor.execute("SET LOCAL enable_hashjoin = off")
            cursor.execute("SET LOCAL enable_mergejoin = off")
            end = begin + timedelta(days=1)
            cursor.execute(LINKS, [begin, end, day, shard, position, batch_size])
            batch = [Link._make(row) for row in cursor.fetchall()]
        if not batch:
            return
        position = batch[-1].position
        yield batch


def start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
