"""The rows of the audit trail, collected and written in the order in which things happened."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from audit.models import AuthEvent
from audit.types import ActorType, AuditType, Outcome
from config.bulk import copy_rows
from demo.cast import Place
from demo.chance import Chance

NOWHERE = Place("", "", 0, "")
FAILURES = frozenset(
    {
        AuditType.SIGN_IN_FAILED,
        AuditType.SIGN_IN_DELAYED,
        AuditType.SIGN_IN_BLOCKED,
        AuditType.SECOND_FACTOR_FAILED,
        AuditType.TOKEN_REUSED,
        AuditType.SESSION_ANOMALY,
    }
)


class Trail:
    """`note` takes what happened in any order."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._rows: list[tuple[datetime, tuple[Any, ...]]] = []

    def __len__(self) -> int:
        return len(self._rows)

    def note(
        self,
        kind: AuditType,
        at: datetime,
        *,
        about: str = "",
        actor: str | None = None,
        session: str = "",
        place: Place = NOWHERE,
        ip: str | None = None,
        device: str = "",
        agent: str = "",
        risk: int | None = None,
        signals: Sequence[str] = (),
        told: Mapping[str, Any] | None = None,
    ) -> None:
        """`about` is a person's id, and who did it unless `actor` (an id; empty: the system) says otherwise."""
        who = about if actor is None else actor
        acting = ActorType.USER if who else ActorType.ANONYMOUS if ip else ActorType.SYSTEM
        row = (
            self._chance.uuid(at),
            at,
            kind.value,
            Outcome.FAILURE.value if kind in FAILURES else Outcome.SUCCESS.value,
            acting.value,
            who,
            about,
            session,
            "",
            ip,
            place.country,
            place.asn or None,
            device,
            agent,
            risk,
            orjson.dumps(list(signals)).decode(),
            f"req-{self._chance.word(16)}",
            orjson.dumps(told or {}).decode(),
        )
        self._rows.append((at, row))

    def write(self) -> int:
        self._rows.sort(key=lambda pair: pair[0])
        copy_rows(AuthEvent, (row for _, row in self._rows))
        return len(self._rows)
