"""What was delivered to a webhook and what was not, and sending it again."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.pagination import CursorPages
from config.http.parameters import once_each
from config.replicas.reading import may_be_old
from events.api.webhook_access import WebhookAPIView, key_of_delivery, the_webhook
from events.api.webhook_serializers import (
    DeliveryFilterSerializer,
    DeliverySerializer,
    DeliveryWithLogSerializer,
    ReplayedSerializer,
    ReplaySerializer,
)
from events.errors import DeliveryNotFoundError
from events.models import WebhookDelivery
from events.services.webhooks import replays


class DeliveriesView(WebhookAPIView):
    """`/v1/webhooks/{id}/deliveries`"""

    pagination_class = CursorPages

    @extend_schema(
        operation_id="webhooks_deliveries_list",
        summary="Deliveries, newest first",
        parameters=[DeliveryFilterSerializer],
        responses=DeliverySerializer(many=True),
    )
    @may_be_old(WebhookDelivery)
    def get(self, request: Request, webhook_id: str) -> Response:
        webhook = the_webhook(request, webhook_id)
        wanted = DeliveryFilterSerializer(data=once_each(request.query_params))
        wanted.is_valid(raise_exception=True)
        pages = CursorPages()
        rows = WebhookDelivery.objects.filter(webhook=webhook, **wanted.validated_data)
        page = pages.paginate_queryset(rows.select_related("event"), request, self)
        return pages.get_paginated_response(DeliverySerializer(page, many=True).data)


class DeliveryView(WebhookAPIView):
    """`/v1/webhooks/{id}/deliveries/{delivery_id}`"""

    @extend_schema(
        operation_id="webhooks_deliveries_read",
        summary="One delivery with every try of it",
        responses=DeliveryWithLogSerializer,
    )
    def get(self, request: Request, webhook_id: str, delivery_id: str) -> Response:
        own = WebhookDelivery.objects.filter(webhook=the_webhook(request, webhook_id))
        delivery = (
            own.filter(pk=key_of_delivery(delivery_id))
            .select_related("event")
            .prefetch_related("log")
            .first()
        )
        if delivery is None:
            raise DeliveryNotFoundError
        return Response(DeliveryWithLogSerializer(delivery).data)


class ReplayDeliveryView(WebhookAPIView):
    """`POST /v1/webhooks/{id}/deliveries/{delivery_id}/replay`"""

    @extend_schema(
        operation_id="webhooks_deliveries_replay",
        summary="Deliver one again",
        description="Under the same `webhook-id`, whatever became of it before.",
        request=None,
        responses={202: DeliverySerializer},
    )
    def post(self, request: Request, webhook_id: str, delivery_id: str) -> Response:
        delivery = replays.replay_one(
            webhook_id=the_webhook(request, webhook_id).pk, delivery_id=key_of_delivery(delivery_id)
        )
        return Response(DeliverySerializer(delivery).data, status=202)


class ReplayView(WebhookAPIView):
    """`POST /v1/webhooks/{id}/replay`"""

    @extend_schema(
        operation_id="webhooks_replay",
        summary="Deliver again what happened in a range of time",
        description="Dead letters, and what happened while the webhook was disabled; with `include_delivered` the "
        "rest too. As far back as events are kept.",
        request=ReplaySerializer,
        responses={202: ReplayedSerializer},
    )
    def post(self, request: Request, webhook_id: str) -> Response:
        webhook = the_webhook(request, webhook_id)
        body = ReplaySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        made = replays.replay_range(webhook_id=webhook.pk, **body.validated_data)
        return Response({"deliveries": made}, status=202)
