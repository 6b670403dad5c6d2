"""Whose webhooks a caller may see and change."""

from uuid import UUID

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from config.http.permissions import RequireScope
from config.http.principal import Principal, principal_of
from config.http.views import APIView
from events.errors import DeliveryNotFoundError, WebhookNotFoundError
from events.models import Webhook, WebhookDelivery, WebhookQuerySet
from events.models.webhook import PLATFORM

READS_EVENTS, STAFF_READS, STAFF_WRITES = "events:read", "webhooks:read", "webhooks:write"


class WebhookAPIView(APIView):
    """Service clients with `events:read` have their own; staff see all with `webhooks:read` and change them, and make
    the platform's, with `webhooks:write`.
    """

    def get_permissions(self) -> list[BasePermission]:
        caller = self.request.auth
        if isinstance(caller, Principal) and caller.is_service:
            return [RequireScope(READS_EVENTS)()]
        reads = self.request.method in SAFE_METHODS
        return [RequireScope(STAFF_READS if reads else STAFF_WRITES)()]


def owner_of(request: Request) -> str:
    """Whose a webhook is that the caller makes."""
    caller = principal_of(request)
    return caller.id if caller.is_service else PLATFORM


def visible_to(request: Request) -> WebhookQuerySet:
    """A client's own; to staff, all."""
    caller = principal_of(request)
    webhooks = Webhook.objects.all()
    return webhooks.owned_by(caller.id) if caller.is_service else webhooks


def the_webhook(request: Request, webhook_id: str) -> Webhook:
    """Raises WebhookNotFoundError for what the caller may not see, as for what is not there."""
    webhook = visible_to(request).with_public_id(webhook_id).first()
    if webhook is None:
        raise WebhookNotFoundError
    return webhook


def key_of_delivery(delivery_id: str) -> UUID:
    """Raises DeliveryNotFoundError for what is no id of one."""
    key = WebhookDelivery.parse_id(delivery_id)
    if key is None:
        raise DeliveryNotFoundError
    return key
