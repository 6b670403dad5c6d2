"""Do the checkpoints say what the chains are? They are signed, and each names the one before it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from audit.chain import keys
from audit.chain.checkpoint_models import AuditCheckpoint, CheckpointSpan
from audit.chain.findings import Finding, FindingKind, Findings
from audit.chain.merkle import root_of
from audit.chain.statements import BEFORE_THE_FIRST, SignedSpan, Statement, digest_of
from audit.chain.walk import Link

Chain = tuple[date, int]


@dataclass(frozen=True, slots=True)
class Told:
    """A span, and the checkpoint that tells of it."""

    number: int
    span: SignedSpan


def signed_spans(first: date, last: date, findings: Findings) -> dict[Chain, list[Told]]:
    """What checkpoints tell of the days from `first` to `last`, by chain and in order.

    All checkpoints are looked at; those that say something else than was signed add to `findings` and tell nothing.
    """
    spans: dict[Chain, list[Told]] = defaultdict(list)
    public, number, previous = keys.public_keys(), 0, BEFORE_THE_FIRST
    places = _places()
    for row in AuditCheckpoint.objects.order_by("number").iterator():
        for missing in range(number + 1, row.number):
            findings.add(_finding(FindingKind.CHECKPOINT_REMOVED, missing, "is gone"))
        gap = row.number != number + 1
        try:
            statement = _read(row, public, None if gap else previous)
            _compare_places(places.pop(row.number, set()), statement)
            for span in statement.spans:
                if first <= span.day <= last:
                    spans[span.day, span.shard].append(Told(row.number, span))
        except ValueError as error:
            findings.add(_finding(FindingKind.CHECKPOINT_ALTERED, row.number, str(error)))
        number, previous = row.number, digest_of(row.statement)
    return spans


def _read(
    row: AuditCheckpoint, public: Mapping[str, Ed25519PublicKey], previous: str | None
) -> Statement:
    key = public.get(row.kid)
    if key is None:
        raise ValueError("signed with a key of nobody's")
    try:
        key.verify(bytes(row.signature), row.statement.encode())
    except InvalidSignature:
        raise ValueError("not what was signed") from None
    statement = Statement.read(row.statement)
    if statement.number != row.number or statement.rows != row.rows:
        raise ValueError("its number or its count was altered")
    if previous is not None and statement.previous != previous:
        raise ValueError("follows another than the one before it")
    return statement


def _places() -> dict[int, set[tuple[date, int, int, int]]]:
    found: dict[int, set[tuple[date, int, int, int]]] = defaultdict(set)
    rows = CheckpointSpan.objects.values_list("checkpoint__number", "day", "shard", "first", "last")
    for number, day, shard, first, last in rows.iterator():
        found[number].add((day, shard, first, last))
    return found


def _compare_places(kept: set[tuple[date, int, int, int]], statement: Statement) -> None:
    if kept != {(span.day, span.shard, span.first, span.last) for span in statement.spans}:
        raise ValueError("tells of other places than was signed")


def _finding(kind: FindingKind, number: int, detail: str) -> Finding:
    return Finding(kind=kind, detail=f"checkpoint {number} {detail}")


@dataclass(slots=True)
class ToldSpans:
    """The spans of one chain, held against its links as they pass."""

    spans: Sequence[Told]
    findings: Findings
    _at: int = 0
    _leaves: list[bytes] = field(default_factory=list)

    def visit(self, link: Link) -> None:
        """Links come in order; a span ends with its last place, or with the first one behind it."""
        while self._at < len(self.spans):
            told = self.spans[self._at]
            if link.position < told.span.first:
                return
            if link.position > told.span.last:  # its end is missing, which the walk has noted
                self._next()
                continue
            self._leaves.append(bytes(link.row_hash))
            if link.position == told.span.last:
                self._compare(told, bytes(link.chain_hash))
                self._next()
            return

    def end(self, position: int) -> None:
        """The chain has ended at `position`, 0 if there was none; what checkpoints tell of behind it was removed."""
        for told in self.spans[self._at :]:
            first = max(told.span.first, position + 1)
            if first <= told.span.last:
                detail = (
                    f"places {first} to {told.span.last}, of which checkpoint {told.number} tells"
                )
                self._add(FindingKind.REMOVED, told, detail, first)

    def _compare(self, told: Told, head: bytes) -> None:
        whole = len(self._leaves) == told.span.rows
        if whole and (head != told.span.head or root_of(self._leaves) != told.span.root):
            detail = f"places {told.span.first} to {told.span.last} are not what checkpoint {told.number} tells"
            self._add(FindingKind.REWRITTEN, told, detail, told.span.first)

    def _next(self) -> None:
        self._at += 1
        self._leaves = []

    def _add(self, kind: FindingKind, told: Told, detail: str, position: int) -> None:
        span = told.span
        self.findings.add(
            Finding(kind=kind, detail=detail, day=span.day, shard=span.shard, position=position)
        )
