"""From an event to its row in the trail, in the transaction that makes it true."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.metrics import EVENTS
from audit.models import LONGEST_FINGERPRINT, LONGEST_USER_AGENT, AuthEvent
from audit.types import AuditType
from config.geography import place_in
from config.http.context import RequestContext
from events.domain import DomainEvent


def record(
    *, event: DomainEvent, context: RequestContext, event_id: UUID, **_: Any
) -> AuthEvent | None:
    """Write the row of an event that has an `audit_type`; others leave none.

    Texts that strangers choose are cut to what their columns hold: no header may stop a sign-in. Raises ValueError
    for a type that is not in the vocabulary, which undoes the change that was to be told.
    """
    if not event.audit_type:
        return None
    kind = AuditType(event.audit_type)  # type: ignore[call-arg]
    place = place_in(context)
    row = AuthEvent.objects.create(
        event_id=event_id,
        occurred_at=timezone.now(),
        event_type=kind,
        outcome=event.outcome,
        actor_type=context.actor_type,
        actor_id=context.actor_id,
        subject_user_id=event.subject_user_id,
        session_id=getattr(event, "session_id", "") or context.session_id,
        client_id=context.client_id,
        ip=_address(context.ip),
        country=place.country,
        asn=place.asn,
        device_fingerprint=context.device_fingerprint[:LONGEST_FINGERPRINT],
        user_agent=context.user_agent[:LONGEST_USER_AGENT],
        risk_score=getattr(event, "risk_score", None),
        risk_signals=list(getattr(event, "risk_signals", ())),
        request_id=context.request_id,
        metadata=event.audit_metadata(),
    )
    transaction.on_commit(EVENTS.labels(kind.ocsf_class.label).inc)
    return row


def _address(ip: str | None) -> str | None:
    """Without the zone of a link-local address (RFC 4007 section 11), which `inet` does not hold."""
    return ip.partition("%")[0] if ip else None
