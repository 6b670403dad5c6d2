from django.urls import path

from events.api.views import AsyncAPIView, SchemaListView, SchemaView
from events.api.webhook_deliveries import (
    DeliveriesView,
    DeliveryView,
    ReplayDeliveryView,
    ReplayView,
)
from events.api.webhooks import WebhookSecretView, WebhooksView, WebhookTestView, WebhookView

webhook = "webhooks/<str:webhook_id>"
delivery = f"{webhook}/deliveries/<str:delivery_id>"

urlpatterns = [
    path("events/asyncapi", AsyncAPIView.as_view(), name="events-asyncapi"),
    path("events/schemas", SchemaListView.as_view(), name="event-schemas"),
    path("events/schemas/<str:full_type>", SchemaView.as_view(), name="event-schema"),
    path("webhooks", WebhooksView.as_view(), name="webhooks"),
    path(webhook, WebhookView.as_view(), name="webhook"),
    path(f"{webhook}/rotate-secret", WebhookSecretView.as_view(), name="webhook-secret"),
    path(f"{webhook}/test", WebhookTestView.as_view(), name="webhook-test"),
    path(f"{webhook}/replay", ReplayView.as_view(), name="webhook-replay"),
    path(f"{webhook}/deliveries", DeliveriesView.as_view(), name="webhook-deliveries"),
    path(delivery, DeliveryView.as_view(), name="webhook-delivery"),
    path(f"{delivery}/replay", ReplayDeliveryView.as_view(), name="webhook-delivery-replay"),
]
