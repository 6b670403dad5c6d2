"""What this floor does when something happened."""

from typing import Any
from uuid import UUID

from config.http.context import RequestContext
from events.domain import DomainEvent
from events.services import outbox


def write_to_outbox(
    *, event: DomainEvent, context: RequestContext, event_id: UUID, **_: Any
) -> None:
    """Every event that has a type for the outside gets its row."""
    if event.event_type:
        outbox.record(event, context=context, event_id=event_id)
