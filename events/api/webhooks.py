"""Webhooks: made, read, changed, given a new secret, tried out, deleted."""

from functools import partial

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.etags import etag, require_match
from config.http.pagination import CursorPages
from events.api.webhook_access import WebhookAPIView, owner_of, the_webhook, visible_to
from events.api.webhook_serializers import (
    WebhookChangesSerializer,
    WebhookDraftSerializer,
    WebhookSerializer,
    WebhookWithSecretSerializer,
)
from events.models import Webhook
from events.services.webhooks import endpoints
from events.services.webhooks.endpoints import IssuedWebhookSecret, Precondition

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag that you read; without it, whatever there is.",
)


class WebhooksView(WebhookAPIView):
    """`/v1/webhooks`"""

    pagination_class = CursorPages

    @extend_schema(
        operation_id="webhooks_list",
        summary="The caller's webhooks, newest first",
        responses=WebhookSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        pages = CursorPages()
        page = pages.paginate_queryset(visible_to(request), request, self)
        return pages.get_paginated_response(WebhookSerializer(page, many=True).data)

    @extend_schema(
        operation_id="webhooks_create",
        summary="Have events delivered",
        description="The answer has the secret that deliveries are signed with; it is never shown again.",
        request=WebhookDraftSerializer,
        responses={201: WebhookWithSecretSerializer},
    )
    def post(self, request: Request) -> Response:
        body = WebhookDraftSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        issued = endpoints.create(owner=owner_of(request), **body.validated_data)
        return _shown_once(issued, status=201)


class WebhookView(WebhookAPIView):
    """`/v1/webhooks/{id}`"""

    @extend_schema(operation_id="webhooks_read", summary="One webhook", responses=WebhookSerializer)
    def get(self, request: Request, webhook_id: str) -> Response:
        return _answer(the_webhook(request, webhook_id))

    @extend_schema(
        operation_id="webhooks_update",
        summary="Change a webhook, disable it, enable it again",
        parameters=[IF_MATCH],
        request=WebhookChangesSerializer,
        responses=WebhookSerializer,
    )
    def patch(self, request: Request, webhook_id: str) -> Response:
        webhook = the_webhook(request, webhook_id)
        body = WebhookChangesSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        changed = endpoints.update(
            webhook_id=webhook.pk, precondition=_unchanged(request), **body.validated_data
        )
        return _answer(changed)

    @extend_schema(
        operation_id="webhooks_delete",
        summary="Delete a webhook with its deliveries",
        parameters=[IF_MATCH],
        responses={204: None},
    )
    def delete(self, request: Request, webhook_id: str) -> Response:
        webhook = the_webhook(request, webhook_id)
        endpoints.delete(webhook_id=webhook.pk, precondition=_unchanged(request))
        return Response(status=204)


class WebhookSecretView(WebhookAPIView):
    """`POST /v1/webhooks/{id}/rotate-secret`"""

    @extend_schema(
        operation_id="webhooks_rotate_secret",
        summary="A new secret",
        description="Until `previous_secret_until` deliveries carry a signature of the former one too.",
        parameters=[IF_MATCH],
        request=None,
        responses=WebhookWithSecretSerializer,
    )
    def post(self, request: Request, webhook_id: str) -> Response:
        webhook = the_webhook(request, webhook_id)
        issued = endpoints.rotate_secret(webhook_id=webhook.pk, precondition=_unchanged(request))
        return _shown_once(issued)


class WebhookTestView(WebhookAPIView):
    """`POST /v1/webhooks/{id}/test`"""

    @extend_schema(
        operation_id="webhooks_test",
        summary="Have a webhook.ping.v1 delivered",
        description="To this webhook alone, whatever types it wants. Its delivery is on the list of deliveries.",
        request=None,
        responses={202: None},
    )
    def post(self, request: Request, webhook_id: str) -> Response:
        endpoints.ping(webhook_id=the_webhook(request, webhook_id).pk)
        return Response(status=202)


def _unchanged(request: Request) -> Precondition:
    return partial(_require_match, request)


def _require_match(request: Request, webhook: Webhook) -> None:
    require_match(request, webhook, required=False)


def _answer(webhook: Webhook) -> Response:
    return Response(WebhookSerializer(webhook).data, headers={"ETag": etag(webhook)})


def _shown_once(issued: IssuedWebhookSecret, *, status: int = 200) -> Response:
    body = WebhookWithSecretSerializer(issued.webhook, context={"issued": issued})
    return Response(body.data, status=status, headers={"ETag": etag(issued.webhook)})
