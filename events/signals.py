"""The one signal. See `events.domain.emit`."""

from django.dispatch import Signal

# Sent as `domain_event.send(sender=<class>, event=<DomainEvent>, context=<RequestContext>, event_id=<UUIDv7>)`,
# inside the transaction that makes the event true: a receiver that raises undoes the change it hears of.
domain_event = Signal()
