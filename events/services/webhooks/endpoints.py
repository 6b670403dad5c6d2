"""Webhooks: made, changed, given new secrets, disabled, deleted."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from config.locking import alone
from config.vault import sealing
from config.vault.errors import KeyDestroyedError
from events.domain import emit
from events.errors import TooManyWebhooksError, WebhookDisabledError, WebhookNotFoundError
from events.events import (
    WebhookCreated,
    WebhookDeleted,
    WebhookDisabled,
    WebhookEnabled,
    WebhookEvent,
    WebhookPinged,
    WebhookSecretRotated,
    WebhookUpdated,
)
from events.models import DisabledReason, Webhook, WebhookQuerySet
from events.models.webhook import PLATFORM
from events.services.webhooks import signatures
from events.services.webhooks.rules import demand_valid

CHANGEABLE = ("url", "description", "event_types")
Precondition = Callable[[Webhook], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class IssuedWebhookSecret:
    """A webhook and its new secret, which is known here and never again. `previous_until`: how long a replaced one
    signs beside it."""

    webhook: Webhook
    secret: str = field(repr=False)
    previous_until: datetime | None = None


def create(
    *, owner: str, url: str, event_types: Collection[str] = (), description: str = ""
) -> IssuedWebhookSecret:
    """A new webhook with its first secret. Raises InvalidWebhookError, TooManyWebhooksError."""
    webhook = Webhook(
        owner=owner, url=url, event_types=sorted(set(event_types)), description=description.strip()
    )
    demand_valid(webhook, url_changed=True)
    _demand_room(owner)
    secret = signatures.new_secret()
    sealing.seal_field(
        webhook, "secret", secret
    )  # the key service may take its time: before any lock
    try:
        _save_new(webhook)
    except TooManyWebhooksError:
        sealing.shred(webhook.key_subject)
        raise
    return IssuedWebhookSecret(webhook=webhook, secret=signatures.shown(secret))


@transaction.atomic
def _save_new(webhook: Webhook) -> None:
    """Of several that are made at once none slips past the limit."""
    alone("events.webhooks", webhook.owner)
    _demand_room(webhook.owner)
    webhook.save(force_insert=True)
    _tell(WebhookCreated, webhook, host=_host(webhook), event_types=tuple(webhook.event_types))


def update(
    *,
    webhook_id: UUID,
    precondition: Precondition = lambda _: None,
    enabled: bool | None = None,
    **changes: Any,
) -> Webhook:
    """Another address, other types, another description; `enabled` disables it or enables it again.

    Raises WebhookNotFoundError, InvalidWebhookError, and what `precondition` raises.
    """
    if "event_types" in changes:
        changes["event_types"] = sorted(set(changes["event_types"]))
    _demand_valid_with(webhook_id, changes)
    with transaction.atomic():
        webhook = locked(webhook_id)
        precondition(webhook)
        changed = [
            name
            for name in CHANGEABLE
            if changes.get(name, getattr(webhook, name)) != getattr(webhook, name)
        ]
        for name in changed:
            setattr(webhook, name, changes[name])
        if changed:
            webhook.save(update_fields=[*changed, "updated_at"])
            _tell(WebhookUpdated, webhook, changed=tuple(changed), host=_host(webhook))
        if enabled is False:
            disable(webhook, reason=DisabledReason.ASKED)
        elif enabled:
            _enable(webhook)
    return webhook


def rotate_secret(
    *, webhook_id: UUID, precondition: Precondition = lambda _: None
) -> IssuedWebhookSecret:
    """A new secret. The one in use signs beside it for `webhook_secret_overlap` seconds; one that was on its way out
    already ends now. Raises WebhookNotFoundError, and what `precondition` raises.
    """
    secret = signatures.new_secret()
    while True:
        seen = _found(Webhook.objects.all(), webhook_id)
        precondition(seen)
        sealed = _sealed_beside_the_former(seen, secret)
        with transaction.atomic():
            webhook = locked(webhook_id)
            precondition(webhook)
            if webhook.secret == seen.secret:
                until = _replace_secret(webhook, sealed)
                break
    return IssuedWebhookSecret(
        webhook=webhook, secret=signatures.shown(secret), previous_until=until
    )


def _sealed_beside_the_former(seen: Webhook, secret: bytes) -> Webhook:
    """The webhook as it would be with the new secret, and not saved: the key service may take its time, and nobody is
    to wait for a lock meanwhile. Raises WebhookNotFoundError when it is being deleted."""
    sealed = Webhook(pk=seen.pk)
    try:
        sealing.seal_field(sealed, "previous_secret", sealing.open_field(seen, "secret"))
        sealing.seal_field(sealed, "secret", secret)
    except KeyDestroyedError:
        raise WebhookNotFoundError from None
    return sealed


def _replace_secret(webhook: Webhook, sealed: Webhook) -> datetime:
    until = timezone.now() + timedelta(seconds=settings.ENVIRONMENT.webhook_secret_overlap)
    webhook.secret, webhook.previous_secret = sealed.secret, sealed.previous_secret
    webhook.previous_secret_until = until
    webhook.save(update_fields=["secret", "previous_secret", "previous_secret_until", "updated_at"])
    _tell(WebhookSecretRotated, webhook)
    return until


def delete(*, webhook_id: UUID, precondition: Precondition = lambda _: None) -> None:
    """With its deliveries; the key of its secrets is destroyed. Raises WebhookNotFoundError, and what `precondition`
    raises.
    """
    with transaction.atomic():
        webhook = _found(Webhook.objects.select_for_update(), webhook_id)
        precondition(webhook)
        _tell(WebhookDeleted, webhook)
        subject = webhook.key_subject
        webhook.delete()
        sealing.shred(subject)


def ping(*, webhook_id: UUID) -> None:
    """Have an event delivered that means nothing, to this webhook alone.

    Raises WebhookNotFoundError, WebhookDisabledError.
    """
    with transaction.atomic():
        webhook = locked(webhook_id)
        if not webhook.is_enabled:
            raise WebhookDisabledError
        _tell(WebhookPinged, webhook)


def disable(webhook: Webhook, *, reason: DisabledReason) -> None:
    """Deliver nothing to a locked webhook any more; nothing for one that is disabled."""
    if webhook.is_enabled:
        webhook.disabled_reason, webhook.disabled_at = reason, timezone.now()
        webhook.save(update_fields=["disabled_reason", "disabled_at", "updated_at"])
        _tell(WebhookDisabled, webhook, reason=str(reason))


def locked(webhook_id: UUID) -> Webhook:
    """The row, held until the transaction ends. Raises WebhookNotFoundError."""
    return _found(Webhook.objects.locked(), webhook_id)


def _found(webhooks: WebhookQuerySet, webhook_id: UUID) -> Webhook:
    webhook = webhooks.filter(pk=webhook_id).first()
    if webhook is None:
        raise WebhookNotFoundError
    return webhook


def _enable(webhook: Webhook) -> None:
    """It begins with a clean record; what waited goes on, and what became a dead letter can be replayed."""
    if not webhook.is_enabled:
        webhook.disabled_reason, webhook.disabled_at = "", None
        webhook.failures, webhook.failing_since, webhook.paused_until = 0, None, None
        webhook.save()
        _tell(WebhookEnabled, webhook)


def _demand_valid_with(webhook_id: UUID, changes: dict[str, Any]) -> None:
    """Before any lock is taken, because it may look a name up."""
    webhook = _found(Webhook.objects.all(), webhook_id)
    before = webhook.url
    for name, value in changes.items():
        setattr(webhook, name, value)
    demand_valid(webhook, url_changed=webhook.url != before)


def _demand_room(owner: str) -> None:
    """Raises TooManyWebhooksError."""
    if owner == PLATFORM:
        return
    limit = settings.ENVIRONMENT.webhook_endpoints_per_owner
    if Webhook.objects.owned_by(owner).count() >= limit:
        raise TooManyWebhooksError(f"The limit is {limit}.")


def _host(webhook: Webhook) -> str:
    return urlsplit(webhook.url).hostname or ""


def _tell(kind: type[WebhookEvent], webhook: Webhook, **facts: Any) -> None:
    emit(kind(webhook_id=webhook.public_id, client_id=webhook.owner, **facts))
