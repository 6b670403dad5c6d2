"""What happened: a frozen dataclass for each kind of event, and `emit` to tell of one.

An app declares its events in its `events.py`. A subclass names what the outside calls it:

* `event_type`: the CloudEvents type without its version (`user.created`); empty for what stays inside the process;
* `channel`: the Pub/Sub channel `user_service.<channel>`; defaults to `event_type`;
* `audit_type`: the audit vocabulary (`account.created`); empty when the trail has no row for it.

Fields named `session_id`, `risk_score` (0 to 100) and `risk_signals` also fill the columns of those names in the trail.
A field made with `for_the_trail` stays inside: it is no part of `data` and of the published schema.
"""

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from datetime import date, datetime
from enum import Enum
from typing import Any, ClassVar, Literal
from uuid import UUID

from django.db import transaction

from config.http import context
from config.ids import new_uuid
from events.signals import domain_event

Outcome = Literal["success", "failure"]

INSIDE = "stays inside"
RISK_COLUMNS = frozenset({"risk_score", "risk_signals"})


def for_the_trail(default: Any = None) -> Any:
    """A dataclass field that only the trail hears of."""
    return field(default=default, metadata={INSIDE: True})


def outside_fields(event: "type[DomainEvent] | DomainEvent") -> "list[Field[Any]]":
    """The fields that the outside may read."""
    return [each for each in fields(event) if not each.metadata.get(INSIDE)]


@dataclass(frozen=True, kw_only=True)
class DomainEvent:
    """Base of every event. Its fields are the `data` of the CloudEvent and the `metadata` of the audit row."""

    event_type: ClassVar[str] = ""
    version: ClassVar[int] = 1
    channel: ClassVar[str] = ""
    aggregate_type: ClassVar[str] = ""
    audit_type: ClassVar[str] = ""
    outcome: ClassVar[Outcome] = "success"

    registry: ClassVar[dict[str, "type[DomainEvent]"]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not cls.event_type:
            return
        taken = DomainEvent.registry.setdefault(cls.full_type(), cls)
        if not issubclass(cls, taken) and _path(cls) != _path(taken):
            raise TypeError(f"{cls.full_type()} is the type of {_path(taken)} already")

    @classmethod
    def full_type(cls) -> str:
        """The type with its version, as the outside reads it: `user.created.v1`."""
        return f"{cls.event_type}.v{cls.version}"

    @property
    def aggregate_id(self) -> str:
        """The public id of what changed. Events of one aggregate reach the stream in order."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it is about")

    @property
    def subject_user_id(self) -> str:
        """The public id of the person concerned, or "" when it concerns nobody in particular."""
        return ""

    @property
    def touches(self) -> tuple[str, ...]:
        """The entities whose attributes it changed (`user:usr_…`, `trading_account:acc_…`), so that
        no decision is made from what was remembered of them; `policies` when the rules changed."""
        return ()

    def data(self) -> dict[str, Any]:
        """The event's own facts as JSON values: what leaves the service."""
        return {each.name: _json_value(getattr(self, each.name)) for each in outside_fields(self)}

    def audit_metadata(self) -> dict[str, Any]:
        """What the audit row keeps of it; by default all that has no column of its own, and what is empty left out
        of the fields that stay inside."""
        inside = {
            each.name: _json_value(getattr(self, each.name))
            for each in fields(self)
            if each.metadata.get(INSIDE) and each.name not in RISK_COLUMNS
        }
        return self.data() | {name: value for name, value in inside.items() if value}


def _json_value(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, tuple | list | set | frozenset):
        items = [_json_value(item) for item in value]
        return sorted(items) if isinstance(value, set | frozenset) else items
    if isinstance(value, Mapping):
        return {name: _json_value(item) for name, item in value.items()}
    return value


def _path(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def emit(event: DomainEvent) -> None:
    """Tell every receiver of `event`, inside the transaction that makes it true.

    It gets its id here: the outbox row, the audit row and the CloudEvent carry the same one.
    Raises RuntimeError outside a transaction, where the event could outlive a change that never
    happened.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{type(event).__name__} was emitted outside a transaction")
    domain_event.send(
        sender=type(event), event=event, context=context.current(), event_id=new_uuid()
    )
