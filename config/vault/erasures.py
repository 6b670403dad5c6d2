"""The erasure ledger: which data keys were destroyed, kept outside the database, so that a backup from before does not
bring them back.

One JSON object a line. Each carries a MAC under a key of the vault, for whoever can write the file could otherwise have
living keys destroyed.
"""

import hmac
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.db import transaction
from django.utils.dateparse import parse_datetime

from config.vault import data_keys
from config.vault.errors import LedgerRefusedError
from config.vault.mac import keyed_hasher
from config.vault.models import DataKey
from config.vault.subjects import KeySubject

PURPOSE = "vault.erasure-ledger"
FORMAT = 1

# Told of each subject whose key a replay has destroyed, after it has: what else was restored of it must go, too.
Afterwards = Callable[[str], None]
_afterwards: dict[str, Afterwards] = {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Erasure:
    """A data key that was destroyed, whose it was, and when."""

    key_id: UUID
    subject: KeySubject
    destroyed_at: datetime

    @classmethod
    def of(cls, row: DataKey) -> Self:
        if row.destroyed_at is None:
            raise ValueError("a living data key is no erasure")
        return cls(key_id=row.pk, subject=row.subject, destroyed_at=row.destroyed_at)

    def facts(self) -> dict[str, Any]:
        return {
            "fmt": FORMAT,
            "key_id": str(self.key_id),
            "subject_kind": self.subject.kind,
            "subject_id": self.subject.id,
            "destroyed_at": self.destroyed_at.isoformat(),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Replayed:
    """`destroyed` were alive again. `known` were destroyed already; `absent` are not in this database."""

    destroyed: int = 0
    known: int = 0
    absent: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def after_replay(kind: str, afterwards: Afterwards) -> None:
    """Have `afterwards(subject id)` called for each subject of `kind` whose key a replay destroyed. From `ready()`."""
    _afterwards[kind] = afterwards


def export(*, since: datetime | None = None) -> Iterator[str]:
    """The lines, oldest first; with `since`, of what was destroyed then or later. Raises VaultUnavailableError."""
    mac = keyed_hasher(PURPOSE)
    rows = DataKey.objects.destroyed().order_by("destroyed_at", "pk")
    if since is not None:
        rows = rows.filter(destroyed_at__gte=since)
    for row in rows.iterator():
        facts = Erasure.of(row).facts()
        yield json.dumps({**facts, "mac": mac(_canonical(facts)).hex()})


def read(lines: Iterable[str]) -> list[Erasure]:
    """What a ledger tells. Raises LedgerRefusedError, naming the line, for one that is not ours to the letter; and
    VaultUnavailableError.
    """
    mac = keyed_hasher(PURPOSE)
    return [
        _parsed(line, number, mac) for number, line in enumerate(lines, start=1) if line.strip()
    ]


def replay(erasures: Iterable[Erasure]) -> Replayed:
    """Destroy again what a restored backup has brought back. Doing it twice changes nothing."""
    counts = {"destroyed": 0, "known": 0, "absent": 0}
    for erasure in erasures:
        counts[_replay(erasure)] += 1
    return Replayed(**counts)


def survey(erasures: Iterable[Erasure]) -> Replayed:
    """What `replay` would do, and nothing done."""
    counts = {"destroyed": 0, "known": 0, "absent": 0}
    for erasure in erasures:
        row = _row(erasure)
        counts["absent" if row is None else "known" if row.is_destroyed else "destroyed"] += 1
    return Replayed(**counts)


def _replay(erasure: Erasure) -> str:
    row = _row(erasure)
    if row is None:
        return "absent"
    with transaction.atomic():
        changed = data_keys.destroy_key(erasure.key_id, erasure.subject)
    # Also for a key that is destroyed: an earlier replay may have died before this.
    afterwards = _afterwards.get(erasure.subject.kind)
    if afterwards is not None:
        afterwards(erasure.subject.id)
    return "destroyed" if changed else "known"


def _row(erasure: Erasure) -> DataKey | None:
    return DataKey.objects.of_subject(erasure.subject).filter(pk=erasure.key_id).first()


def _parsed(line: str, number: int, mac: Callable[[bytes], bytes]) -> Erasure:
    try:
        facts = json.loads(line)
        given = bytes.fromhex(facts.pop("mac"))
        erasure = Erasure(
            key_id=UUID(facts["key_id"]),
            subject=KeySubject(facts["subject_kind"], facts["subject_id"]),
            destroyed_at=parse_datetime(facts["destroyed_at"]) or datetime.max,  # noqa: DTZ901
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise LedgerRefusedError(number) from None
    if facts != erasure.facts() or not hmac.compare_digest(given, mac(_canonical(facts))):
        raise LedgerRefusedError(number)
    return erasure


def _canonical(facts: dict[str, Any]) -> bytes:
    return json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()
