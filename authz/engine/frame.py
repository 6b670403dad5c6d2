"""One question with everything that is known about it: what conditions look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

NO_ROLES: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Entity:
    """A subject or resource. `attributes` holds `id` and `type` besides what is known of it."""

    reference: str
    type: str
    attributes: Mapping[str, Any]
    roles: frozenset[str] = NO_ROLES

    @classmethod
    def known(cls, reference: str, values: Mapping[str, Any]) -> "Entity":
        """The entity with the attributes that we ourselves hold; its roles are the attribute `roles`."""
        kind, _, identifier = reference.partition(":")
        return cls(
            reference=reference,
            type=kind,
            attributes={**values, "id": identifier, "type": kind},
            roles=frozenset(values.get("roles") or NO_ROLES),
        )

    @classmethod
    def foreign(cls, reference: str, values: Mapping[str, Any]) -> "Entity":
        """The entity with attributes that others told us of. They are no reason to match `role:` subjects."""
        kind, _, identifier = reference.partition(":")
        return cls(
            reference=reference, type=kind, attributes={**values, "id": identifier, "type": kind}
        )


class Frame:
    """The roots of attribute paths. Times are aware."""

    __slots__ = ("action", "context", "now", "resource", "subject")

    def __init__(
        self,
        *,
        subject: Mapping[str, Any],
        action: Mapping[str, Any],
        resource: Mapping[str, Any],
        context: Mapping[str, Any],
        now: datetime,
    ) -> None:
        self.subject = subject
        self.action = action
        self.resource = resource
        self.context = context
        self.now = now

    def now_text(self) -> str:
        """`env.now`: the moment in UTC as an RFC 3339 string."""
        return self.now.astimezone(UTC).isoformat().replace("+00:00", "Z")
