"""What happens to webhooks and to events themselves."""

from dataclasses import dataclass
from typing import ClassVar

from events.domain import DomainEvent


@dataclass(frozen=True, kw_only=True)
class WebhookEvent(DomainEvent):
    """Base of everything about one webhook. `client_id` is whose it is, empty for the platform's own."""

    aggregate_type: ClassVar[str] = "webhook"

    webhook_id: str
    client_id: str

    @property
    def aggregate_id(self) -> str:
        return self.webhook_id


@dataclass(frozen=True, kw_only=True)
class WebhookPinged(WebhookEvent):
    """Somebody asked for a test: it is delivered to this one webhook, whatever types it wants."""

    event_type = "webhook.ping"
    channel = "platform.webhook.ping"


@dataclass(frozen=True, kw_only=True)
class WebhookDisabled(WebhookEvent):
    """Nothing is delivered to it any more: `asked` for, `gone` (it answered 410), or `failing` for too long."""

    event_type = "webhook.disabled"
    channel = "platform.webhook.disabled"
    audit_type = "webhook.disabled"

    reason: str


@dataclass(frozen=True, kw_only=True)
class WebhookCreated(WebhookEvent):
    """For the trail alone, like those below. Of the address only the host: the rest may hold a secret."""

    audit_type = "webhook.created"

    host: str
    event_types: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class WebhookUpdated(WebhookEvent):
    """`changed` names what."""

    audit_type = "webhook.updated"

    changed: tuple[str, ...]
    host: str


@dataclass(frozen=True, kw_only=True)
class WebhookEnabled(WebhookEvent):
    """It gets events again."""

    audit_type = "webhook.enabled"


@dataclass(frozen=True, kw_only=True)
class WebhookSecretRotated(WebhookEvent):
    """It has a new secret; the former one signs too for a while."""

    audit_type = "webhook.secret_rotated"


@dataclass(frozen=True, kw_only=True)
class WebhookDeleted(WebhookEvent):
    """With its deliveries and its secrets."""

    audit_type = "webhook.deleted"


@dataclass(frozen=True, kw_only=True)
class WebhookReplayed(WebhookEvent):
    """Deliveries are made again."""

    audit_type = "webhook.replayed"

    deliveries: int


@dataclass(frozen=True, kw_only=True)
class EventsReplayed(DomainEvent):
    """For the trail alone: events went to the stream again, or those set aside are tried again."""

    audit_type = "event.replayed"

    events: int
    selection: str
