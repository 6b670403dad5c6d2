"""What this floor does when something happened."""

from typing import Any
from uuid import UUID

from config.http.context import RequestContext
from config.replicas import positions
from events.domain import DomainEvent
from events.services import outbox


def write_to_outbox(
    *, event: DomainEvent, context: RequestContext, event_id: UUID, **_: Any
) -> None:
    """Every event that has a type for the outside gets its row."""
    if event.event_type:
        outbox.record(event, context=context, event_id=event_id)


def note_own_change(*, event: DomainEvent, context: RequestContext, **_: Any) -> None:
    """Whoever made the change, and the person whom it concerns, are shown no state from before it."""
    actor = f"{context.actor_type}:{context.actor_id}" if context.actor_id else ""
    subject = f"user:{event.subject_user_id}" if event.subject_user_id else ""
    positions.note_change({actor, subject})
