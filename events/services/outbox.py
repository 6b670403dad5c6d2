"""From an event to its outbox row, in the transaction that makes it true."""

from uuid import UUID

from django.db import connection, transaction

from config.http.context import RequestContext
from events.domain import DomainEvent
from events.models import OutboxEvent

CHANNEL = "outbox"  # of LISTEN and NOTIFY


def record(event: DomainEvent, *, context: RequestContext, event_id: UUID) -> OutboxEvent:
    """Write the row of `event`, and wake the relays once the transaction has committed."""
    row = OutboxEvent.objects.create(
        id=event_id,
        event_type=event.full_type(),
        channel=event.channel or event.event_type,
        aggregate_type=event.aggregate_type,
        aggregate_id=event.aggregate_id,
        data=event.data(),
        traceparent=context.traceparent,
        request_id=context.request_id,
    )
    if not any(callback is wake_relays for _, callback, *_ in connection.run_on_commit):
        transaction.on_commit(wake_relays, robust=True)
    return row


def wake_relays() -> None:
    """Tell every listening relay that there is something to send.

    On its own after the commit, not inside it: a transaction that notifies holds one lock of the whole server
    through its commit (ADR 0041). A call that is lost costs a relay one polling interval.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")
