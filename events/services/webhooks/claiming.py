"""Which deliveries a dispatcher takes next: leased to it, and no more of one endpoint than may be under way."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from config.ids import new_uuid
from config.vault import sealing
from config.vault.errors import OpenFailedError, VaultUnavailableError
from events import subscribers
from events.envelope import encode
from events.models import Webhook, WebhookDelivery

log = structlog.get_logger(__name__)

UNREADABLE_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """A delivery in the hands of one dispatcher, with all that sending it takes."""

    delivery_id: UUID
    webhook_id: UUID
    lease: UUID
    message_id: str
    url: str = field(repr=False)
    body: bytes = field(repr=False)
    secrets: tuple[bytes, ...] = field(repr=False)


def claim(*, limit: int) -> list[Parcel]:
    """Take up to `limit` deliveries that are due, each for `webhook_lease` seconds.

    Killed with them in hand, a dispatcher leaves them to the next one once that time is over. Webhooks of clients that
    may not read events any more have their deliveries left where they are.
    """
    now = timezone.now()
    most = settings.ENVIRONMENT.webhook_endpoint_concurrency
    owners = set(Webhook.objects.enabled().values_list("owner", flat=True))
    if not owners:
        return []
    takings: list[Taking] = []
    with transaction.atomic():
        webhooks = Webhook.objects.with_work(
            now, owners=subscribers.entitled(owners), most=most
        ).select_for_update(skip_locked=True, no_key=True)
        for webhook in webhooks.order_by("?")[:limit]:
            room = limit - sum(len(taking.deliveries) for taking in takings)
            takings += _take(webhook, now, most=most, limit=room)
    return [parcel for taking in takings for parcel in _parcels(taking, now)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Taking:
    """What has been leased of one webhook."""

    webhook: Webhook
    lease: UUID
    deliveries: list[WebhookDelivery]


def _take(webhook: Webhook, now: datetime, *, most: int, limit: int) -> list[Taking]:
    """The row is locked, so nobody else counts what is under way meanwhile. An endpoint that failed last time gets one
    at a time."""
    own = WebhookDelivery.objects.filter(webhook=webhook)
    room = min(limit, (1 if webhook.failures else most) - own.under_way(now).count())
    if room < 1:
        return []
    due = own.due(now).order_by("next_attempt_at").select_related("event")[:room]
    lease, taken = new_uuid(), list(due)
    until = now + timedelta(seconds=settings.ENVIRONMENT.webhook_lease)
    own.lease([delivery.pk for delivery in taken], lease=lease, until=until)
    return [Taking(webhook=webhook, lease=lease, deliveries=taken)]


def _parcels(taking: Taking, now: datetime) -> list[Parcel]:
    """After the locks are let go: the key service may take its time."""
    webhook = taking.webhook
    secrets = _secrets(webhook, now)
    if secrets is None:
        WebhookDelivery.objects.put_back(taking.lease)
        return []
    return [
        Parcel(
            delivery_id=delivery.pk,
            webhook_id=webhook.pk,
            lease=taking.lease,
            message_id=delivery.event.public_id,
            url=webhook.url,
            body=encode(delivery.event),
            secrets=secrets,
        )
        for delivery in taking.deliveries
    ]


def _secrets(webhook: Webhook, now: datetime) -> tuple[bytes, ...] | None:
    """What signs just now, the newest first. None when the vault does not open it: then it waits a little."""
    try:
        return tuple(_opened(webhook, now))
    except (OpenFailedError, VaultUnavailableError) as error:
        log.exception("webhook.secret_unreadable", webhook_id=webhook.public_id, exc_info=error)
        Webhook.objects.filter(pk=webhook.pk).update(paused_until=now + UNREADABLE_PAUSE)
        return None


def _opened(webhook: Webhook, now: datetime) -> Iterator[bytes]:
    yield sealing.open_field(webhook, "secret")
    if webhook.previous_secret_until is not None and webhook.previous_secret_until > now:
        yield sealing.open_field(webhook, "previous_secret")
